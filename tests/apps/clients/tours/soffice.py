"""A headless LibreOffice of its own profile, spoken to by UNO."""

import os
import pathlib
import shutil
import subprocess
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
from com.sun.star.lang import DisposedException

# So long may the first start of a new profile take on a busy machine.
START = 120


# Macros in Python that a profile has.
MACROS = "profile/user/Scripts/python"


class Office:
    def __init__(self, folder):
        pipe = f"okta-tour-{os.getpid()}"
        self.folder = pathlib.Path(folder)
        (self.folder / MACROS).mkdir(parents=True)
        self.process = subprocess.Popen(
            [
                "soffice", "--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck",
                f"-env:UserInstallation={self.url('profile')}",
                f"--accept=pipe,name={pipe};urp;",
            ],
            # The office's own Python finds its library by the first python3 of PATH: that must be the system's.
            env=dict(os.environ, PATH="/usr/bin:/bin"),
        )  # fmt: skip
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        deadline = time.monotonic() + START
        while True:
            try:
                self.context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
                break
            except NoConnectException:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def url(self, name):
        return (self.folder / name).absolute().as_uri()

    def service(self, name, *arguments):
        manager = self.context.ServiceManager
        if arguments:
            return manager.createInstanceWithArgumentsAndContext(name, arguments, self.context)
        return manager.createInstanceWithContext(name, self.context)

    def version(self):
        provider = self.service("com.sun.star.configuration.ConfigurationProvider")
        path = (named("nodepath", "/org.openoffice.Setup/Product"),)
        product = provider.createInstanceWithArguments("com.sun.star.configuration.ConfigurationAccess", path)
        return f"{product.getByName('ooName')} {product.getByName('ooSetupVersionAboutBox')}"

    def macro(self, file, function):
        """A macro of a file beside this one."""
        shutil.copy(pathlib.Path(__file__).with_name(file), self.folder / MACROS)
        provider = self.service("com.sun.star.script.provider.MasterScriptProviderFactory").createScriptProvider("")
        return provider.getScript(f"vnd.sun.star.script:{file}${function}?language=Python&location=user")

    def document(self, kind):
        """A new document: scalc."""
        return self.service("com.sun.star.frame.Desktop").loadComponentFromURL(
            f"private:factory/{kind}", "_blank", 0, (named("Hidden", True),)
        )

    def close(self):
        try:
            self.service("com.sun.star.frame.Desktop").terminate()
        except DisposedException:
            # It went before it had answered.
            pass
        self.process.wait(60)


def named(name, value):
    return PropertyValue(Name=name, Value=value)
