"""Hatchling's hook: puts the driver into the wheel, and names the platform that it runs on."""

import os
import pathlib
import platform
import re

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Names the built library; without it the wheel is pure Python, and connects with the registered driver.
LIBRARY = "OKTA_ODBC_LIBRARY"
_GLIBC = re.compile(rb"GLIBC_(\d+)\.(\d+)\x00")


def platform_tag(library):
    """`manylinux_2_35_x86_64`: the newest glibc that a symbol of the library asks for (PEP 600), and this machine's kind."""
    needed = [(int(major), int(minor)) for major, minor in _GLIBC.findall(library.read_bytes())]
    if not needed:
        raise ValueError(f"{library} asks for no glibc: a wheel of it would need another tag")
    major, minor = max(needed)
    return f"manylinux_{major}_{minor}_{platform.machine()}"


class DriverHook(BuildHookInterface):
    def initialize(self, version, build_data):
        named = os.environ.get(LIBRARY)
        if not named or version == "editable":
            return
        library = pathlib.Path(named)
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform_tag(library)}"
        build_data["force_include"][str(library)] = "okta_odbc/libokta_odbc.so"
