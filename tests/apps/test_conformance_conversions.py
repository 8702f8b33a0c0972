"""What SQLGetInfo claims to convert (SQL_CONVERT_*) is converted, by {fn CONVERT()} and by CAST to every type's own name."""

import ctypes

import pytest

import c_abi
import okta_org
from c_abi import NO_DATA, SUCCESS
from test_conformance_info import agrees, answer, claimed

# Type codes of a result that was converted to a type: text is Unicode, exact numbers are DECIMAL, a GUID is its text.
TEXT = (-10, -9, -8, -1, 1, 12)
CODES = {2: (2, 3), 6: (6, 8), -11: (-11, -9), -2: (-2, -3), -3: (-3,), -4: (-4, -3)}


def sections():
    found = {}
    for line in (okta_org.CHECKOUT / "tests/data/info_conversions.txt").read_text().splitlines():
        if line.startswith("["):
            found[line.strip("[]")] = lines = []
        elif line and not line.startswith("#"):
            lines.append(line)
    return found


SECTIONS = sections()
TYPES = [(name, int(info), int(bit, 16), int(code), family) for name, info, bit, code, family in map(str.split, SECTIONS["types"])]
VALUES = {}
for _line in SECTIONS["values"]:
    _pair, _case = _line.split(" | ")
    VALUES[tuple(_pair.split())] = tuple(_case.split(" => "))


@pytest.fixture(scope="module")
def application():
    with c_abi.connected(3) as made:
        yield made.allocate_statement()


@pytest.fixture(scope="module")
def names(application):
    """TYPE_NAMEs of each DATA_TYPE."""
    found = {}
    application.do("SQLFreeStmt", application.stmt, 0)
    application.do("SQLGetTypeInfo", application.stmt, 0)
    while application.do("SQLFetch", application.stmt, allowed=(SUCCESS, NO_DATA)) != NO_DATA:
        name, code = ctypes.create_string_buffer(100), ctypes.c_short()
        application.do("SQLGetData", application.stmt, 1, 1, ctypes.addressof(name), 100, None)
        application.do("SQLGetData", application.stmt, 2, -15, ctypes.addressof(code), 2, None)
        found.setdefault(code.value, []).append(name.value.decode())
    return found


def code_of(application):
    number = ctypes.c_ssize_t()
    application.do("SQLColAttribute", application.stmt, 1, 2, None, 0, None, ctypes.addressof(number))
    return number.value


def fits(found, expected):
    if expected.endswith("…"):
        rest = found.removeprefix(expected[:-1])
        return found.startswith(expected[:-1]) and not rest.strip(".0")
    return agrees(found, expected, None)


@pytest.mark.parametrize("source", TYPES, ids=lambda row: row[0])
def test_every_claimed_conversion_is_made(source, application, names):
    name, info, _, code, family = source
    mask = int.from_bytes(claimed(application, info), "little")
    targets = [target for target in TYPES if mask & target[2]]
    assert sum(target[2] for target in targets) == mask, f"{mask:#x} has bits of no type"
    # Itself above all; of intervals there are only literals.
    assert source in targets or family in ("days", "months")
    wrong = []
    for target_name, _, _, target_code, target_family in targets:
        value, expected = VALUES[family, target_family]
        for own in names.get(code, [""]):
            given = value.replace("@", own)
            forms = [f"SELECT {{fn CONVERT({given}, SQL_{target_name})}}"]
            forms += [f"SELECT CAST({given} AS {type_name})" for type_name in names.get(target_code, [])]
            assert len(forms) > 1 or target_family in ("days", "months")
            for statement in forms:
                found = answer(application, statement)
                if not isinstance(found, list):
                    wrong.append(f"{statement}: {found}")
                    continue
                if not fits(found[0][0], expected):
                    wrong.append(f"{statement}: {found[0][0]}, not {expected}")
                allowed = TEXT if target_family == "text" else CODES.get(target_code, (target_code,))
                if code_of(application) not in allowed:
                    wrong.append(f"{statement}: of type {code_of(application)}, not {target_code}")
    assert not wrong, f"{name}: {len(wrong)}\n" + "\n".join(wrong)


def test_every_pair_of_families_has_its_value():
    known = {row[4] for row in TYPES}
    assert {family for pair in VALUES for family in pair} <= known
