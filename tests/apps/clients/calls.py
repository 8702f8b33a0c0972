"""Which of the driver's exported functions a client's driver manager called, counted between the two."""

import re
import struct
import subprocess

import okta_org

# Each function counts itself and jumps to the driver's, with its arguments as they are. The driver's log tells the calls of a
# connection; this tells narrow and wide apart, and the calls that have no connection or wait for none (SQLSetEnvAttr, SQLCancel).
SOURCE = """\
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define HIDDEN __attribute__((visibility("hidden")))
HIDDEN void *okta_real[%(count)d];
HIDDEN unsigned long *okta_counts;
static const char *const names[] = {%(names)s};

__attribute__((constructor)) static void open_driver(void) {
    void *driver = dlopen("%(driver)s", RTLD_NOW | RTLD_LOCAL);
    int file = open("%(counts)s", O_RDWR);
    if (!driver || file < 0)
        abort();
    okta_counts = mmap(0, sizeof okta_real, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    for (int i = 0; i < %(count)d; i++)
        if (okta_counts == MAP_FAILED || !(okta_real[i] = dlsym(driver, names[i])))
            abort();
}

%(functions)s
"""

FUNCTION = """\
__asm__(".globl {name}\\n.type {name}, @function\\n{name}:\\n"
        "movq okta_counts(%rip), %rax\\nlock incq {place}(%rax)\\njmp *okta_real+{place}(%rip)\\n");
"""


def exports():
    """The manifest: name and wide name (or None) of each function, in its order."""
    text = (okta_org.CHECKOUT / "src/ffi/mod.rs").read_text()
    found = re.findall(r'(?:one\("(SQL\w+)", \d+\)|two\("(SQL\w+)", "(SQL\w+)", \d+\))', text)
    return [(one or narrow, wide or None) for one, narrow, wide in found]


def symbols():
    return [symbol for pair in exports() for symbol in pair if symbol]


class Counter:
    """A library to be registered in the driver's place."""

    def __init__(self, driver, folder):
        self.names = symbols()
        self.library = folder / "libokta_odbc.so"
        self.counts = folder / "calls"
        self.counts.write_bytes(bytes(8 * len(self.names)))
        functions = "".join(FUNCTION.format(name=name, place=8 * i) for i, name in enumerate(self.names))
        source = SOURCE % {
            "count": len(self.names),
            "names": ", ".join(f'"{name}"' for name in self.names),
            "driver": driver,
            "counts": self.counts,
            "functions": functions,
        }
        command = ["cc", "-shared", "-fPIC", "-O1", "-Wl,-z,nodelete", "-x", "c", "-", "-ldl", "-o", str(self.library)]
        subprocess.run(command, input=source, text=True, check=True)

    def read(self):
        """Calls by symbol, those that were called."""
        counts = struct.unpack(f"{len(self.names)}Q", self.counts.read_bytes())
        return {name: count for name, count in zip(self.names, counts) if count}
