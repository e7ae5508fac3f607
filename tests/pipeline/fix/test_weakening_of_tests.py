"""A fix may add tests; it may not change, remove, silence or outvote those that are there."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_superteam.pipeline.fix.weakened.braces import statements
from pytest_superteam.pipeline.fix.weakened.other_tests import changed_other
from pytest_superteam.pipeline.fix.weakened.python_tests import changed_python
from pytest_superteam.pipeline.fix.weakening import weakenings

PYTHON = '''\
"""Tests of orders."""
import pytest

from app.main import total

LIMIT = 3
pytestmark = pytest.mark.anyio


@pytest.fixture
def order(client):
    return client.post("/orders").json()


def test_total(order):
    """The total is the sum."""
    assert total(order) == LIMIT


class TestOrders:
    def test_list(self, client):
        assert client.get("/orders").status_code == 200
'''
NEW = "\n\ndef test_empty(client):\n    assert client.get('/none').status_code == 404\n"


def edited(old="", new="", source=PYTHON):
    """Return the source with one thing replaced."""
    assert old in source
    return source.replace(old, new)


GOOD = {
    "a test at the end": PYTHON + NEW,
    "a test before": edited("def test_total", "def test_none():\n    assert total([]) == 0\n\n\ndef test_total"),
    "a method in a class": PYTHON + "\n    def test_more(self, client):\n        assert client.get('/x').is_error\n",
    "comments and layout": edited("\n\n\n", "\n\n# orders\n\n\n").replace("[", "[").replace("sum.", "sum of all."),
    "an import and a helper": edited("import pytest\n", "import json\nimport pytest\n")
    + "\n\ndef _body():\n    return json.loads('{}')\n"
    + NEW,
    "imports sorted": edited(
        "import pytest\n\nfrom app.main import total\n", "from app.main import total\nimport pytest\n"
    ),
    "a constant": PYTHON + "\nNAMES = ('a', 'b')\n" + NEW,
    "a fixture for new tests": PYTHON + "\n\n@pytest.fixture\ndef cart():\n    return []\n" + NEW,
    "a new test that is skipped": PYTHON + "\n\n@pytest.mark.skip\ndef test_later(client):\n    assert client\n",
}
BAD = {
    "another expectation": (edited("== LIMIT", "== 4"), 15, "'test_total' was changed"),
    "a test removed": (PYTHON.partition("class TestOrders")[0], 0, "'TestOrders' was removed"),
    "a method removed": (edited("test_list", "check_list"), 0, "'TestOrders.test_list' was removed"),
    "a skip": (edited("def test_total", "@pytest.mark.skip\ndef test_total"), 16, "does not run any more"),
    "an expected failure": (edited("def test_total", "@pytest.mark.xfail\ndef test_total"), 16, "does not run any"),
    "a return at the begin": (edited('sum."""\n', 'sum."""\n    return\n'), 15, "was changed"),
    "a skip within": (edited('sum."""\n', 'sum."""\n    pytest.skip("later")\n'), 15, "does not run any more"),
    "a weaker condition": (edited("== LIMIT", "== LIMIT or True"), 15, "was changed"),
    "a fixture changed": (edited('.post("/orders").json()', ".empty()"), 11, "'order' was changed"),
    "a constant changed": (edited("LIMIT = 3", "LIMIT = 0"), 0, "A statement outside"),
    "a mark for all": (edited("pytest.mark.anyio", "pytest.mark.skip"), 0, "A statement outside"),
    "a second definition": (PYTHON + "\n\ndef test_total():\n    assert total\n", 25, "there twice"),
    "a fixture that overrides": (
        PYTHON + "\n\n@pytest.fixture\ndef client():\n    return Fake()\n",
        26,
        "'client' acts",
    ),
    "a fixture for all": (
        PYTHON + "\n\n@pytest.fixture(autouse=True)\ndef patched(monkeypatch):\n    monkeypatch.undo()\n",
        26,
        "did not ask for it",
    ),
    "a hook": (PYTHON + "\n\ndef setup_module():\n    pass\n", 25, "acts on tests"),
    "a method that is a hook": (PYTHON + "\n    def setup_method(self):\n        pass\n", 24, "acts on tests"),
    "a name of a built-in": (PYTHON + "\n\ndef len(x):\n    return 1\n", 25, "acts on tests"),
    "a name shadowed by an import": (edited("LIMIT = 3", "LIMIT = 3\nfrom fake import total"), 7, "takes the place"),
    "names by a star": (edited("LIMIT = 3", "LIMIT = 3\nfrom fake import *"), 7, "'*'"),
    "a call at the top": (PYTHON + "\npytest.skip('all', allow_module_level=True)\n", 24, "acts on all"),
    "a patch at the top": (PYTHON + "\nimport app\napp.main.total = lambda _: 3\n", 25, "acts on all"),
    "a condition around": (PYTHON + "\nif True:\n    del test_total\n", 24, "acts on all"),
    "not collected": (PYTHON + "\n__test__ = False\n", 24, "acts on all"),
    "no Python any more": (PYTHON + "\n)", 0, "can't be parsed any more"),
    "a test of nothing": (PYTHON + "\n\ndef test_more():\n    assert True\n", 25, "checks nothing"),
    "a test that only calls": (PYTHON + "\n\ndef test_more(client):\n    client.get('/')\n", 25, "checks nothing"),
}


@pytest.mark.parametrize("name", GOOD)
def test_more_tests_are_welcome(name):
    """What is added beside all that was there, and what changes only its looks, weakens nothing."""
    assert list(changed_python(PYTHON, GOOD[name])) == []


@pytest.mark.parametrize("name", BAD)
def test_weakened_tests(name):
    """What changes, removes or disturbs a test that was there is found where it stands."""
    new, line, said = BAD[name]
    found = list(changed_python(PYTHON, new))
    assert found, new
    assert (line, True) in {(at, said in what) for at, what in found}, found
    assert all(what.endswith((".", "out.")) for _, what in found)


JAVASCRIPT = """\
import { total } from '../src/orders';
const limit = 3; // of items

describe('orders', () => {
  beforeEach(() => reset());

  it('sums up', async () => {
    expect(total([1, 2])).toBe(limit);
  });
  it('matches', () => expect(/a[/]b'{/.test('a/b')).toBe(false))
})
"""
GO = """\
package orders

import "testing"

func TestTotal(t *testing.T) {
	if Total(1, 2) != 3 {
		t.Fatal("it's wrong {")
	}
}
"""
JAVA = """\
class OrdersTest {
  @Test
  void sumsUp() { assertEquals(3, orders.total('{')); }
}
"""
RUST = """\
pub fn total<'a>(x: &'a str) -> usize { x.len() }

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn sums_up() { assert_eq!(total("ab"), 2); assert_ne!('{', '\\''); }
}
"""
RUBY = "describe Orders do\n  it 'sums' do\n    expect(1).to eq(1)\n  end\nend\n"
SOURCES = {"a.test.js": JAVASCRIPT, "a_test.go": GO, "OrdersTest.java": JAVA, "lib_test.rs": RUST, "a_spec.rb": RUBY}


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (
            "a.test.js",
            "  it('matches'",
            "  it('is new', () => {\n    expect(total([])).toBe(0);\n  });\n  it('matches'",
        ),
        ("a.test.js", "})\n", "})\n\ndescribe('more', () => { test.each([1])('is %s', n => expect(n).toBe(1)) })\n"),
        ("a.test.js", "const limit = 3; // of items", "const   limit = 3 /* of orders */;"),
        ("a.test.js", "import {", "import { other } from './other'\nimport {"),
        ("a_test.go", "package orders\n", "package orders\n\n// Orders.\n"),
        ("a_test.go", "func TestTotal", "func TestNone(t *testing.T) {\n}\n\nfunc TestTotal"),
        (
            "OrdersTest.java",
            "  @Test\n",
            '  @Test\n  @DisplayName("n")\n  void isEmpty() { assertTrue(x); }\n  @Test\n',
        ),
        ("lib_test.rs", "    #[test]\n", "    #[test]\n    fn new() { assert!(true); }\n    #[test]\n"),
        ("a_spec.rb", "\n  it", "\n\n  it"),
    ],
)
def test_more_tests_in_other_languages(path, old, new):
    """Tests that are added between complete ones weaken nothing, in languages with braces."""
    source = SOURCES[path]
    assert list(changed_other(path, source, edited(old, new, source))) == []


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        ("a.test.js", "toBe(limit)", "toBe(4)", "was changed"),
        ("a.test.js", "it('sums up'", "it.skip('sums up'", "does not run"),
        ("a.test.js", "it('sums up'", "xit('sums up'", "does not run"),
        ("a.test.js", "describe('orders'", "describe.skip('orders'", "does not run"),
        ("a.test.js", "  it('matches'", "  it.only('is new', () => {});\n  it('matches'", "runs alone"),
        ("a.test.js", "})\n", "})\ndescribe('more', () => { it.only('is', () => expect(1).toBe(1)) })\n", "runs alone"),
        ("a.test.js", "async () => {\n", "async () => {\n    return;\n", "was changed"),
        ("a.test.js", "const limit", "jest.mock('../src/orders');\nconst limit", "acts on tests"),
        ("a.test.js", "  it('matches'", "  afterEach(() => process.exit(0));\n  it('matches'", "acts on tests"),
        ("a.test.js", "\n})\n", "\n  beforeEach(() => stub())\n})\n", "acts on tests"),
        ("a.test.js", "const limit = 3", "/* const limit = 3", "was changed"),
        ("a.test.js", "})\n", "})\nfunction reset() { stub(); }\n", "'reset'"),
        ("a.test.js", "const limit = 3", "const limit = 5", "was changed"),
        ("a_test.go", "{\n\tif", '{\n\tt.Skip("later")\n\tif', "was changed"),
        ("a_test.go", "func TestTotal", "func TestMain(m *testing.M) { os.Exit(0) }\nfunc TestTotal", "acts on"),
        ("a_test.go", "func TestTotal", "func init() { stub() }\nfunc TestTotal", "acts on"),
        ("a_test.go", "TestTotal", "testTotal", "was changed"),
        ("OrdersTest.java", "  @Test", "  @Disabled\n  @Test", "mark"),
        ("OrdersTest.java", "  @Test\n", "", "was changed, moved or removed"),
        ("OrdersTest.java", "  @Test", "  @BeforeEach\n  void before() { stub(); }\n  @Test", "acts on"),
        ("lib_test.rs", "    #[test]", "    #[ignore]\n    #[test]", "mark"),
        ("lib_test.rs", "assert_eq!(total", "assert_ne!(total", "was changed"),
        ("a_spec.rb", "eq(1)", "eq(2)", "was changed"),
        ("a_spec.rb", "  it", "  it 'is new' do\n  end\n  it", "new file of tests"),
    ],
)
def test_weakened_tests_in_other_languages(path, old, new, said):
    """What changes, skips or disturbs a test is found, in languages with braces; elsewhere any change is."""
    source = SOURCES[path]
    found = list(changed_other(path, source, edited(old, new, source)))
    assert any(said in what for _, what in found), found


def laid(folder, files):
    """Write files into a folder and return it."""
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode())
    folder.mkdir(exist_ok=True)
    return folder


def judged(tmp_path, before, after):
    """Return the weakenings from one set of files to the other, as text."""
    return [str(found) for found in weakenings(laid(tmp_path / "old", before), laid(tmp_path / "new", after))]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"tests/test_a.py": PYTHON}, {}, "tests/test_a.py: It belongs to the tests and was removed"),
        ({"tests/test_a.py": PYTHON}, {"tests/test_b.py": PYTHON}, "tests/test_a.py: It belongs"),
        ({"tests/data.json": "{}"}, {"tests/data.json": '{"a": 1}'}, "tests/data.json: What belongs"),
        ({"tests/a.bin": b"\0"}, {"tests/a.bin": b"\1\0"}, "tests/a.bin: What belongs"),
        ({}, {"tests/test_b.py": "import app\napp.check = len\n"}, "tests/test_b.py:2: `app.check`"),
        (
            {},
            {"tests/test_b.py": "def test_a():\n    pass\n"},
            "tests/test_b.py:1: The new test 'test_a' checks nothing",
        ),
        ({}, {"tests/test_b.py": "def test_a(:\n"}, "can't be parsed"),
        ({}, {"a_test.go": "package a\nfunc TestMain(m *testing.M) {}\n"}, "a_test.go:2: `TestMain`"),
        ({"src/lib.rs": RUST}, {"src/lib.rs": RUST.partition("#[cfg")[0]}, "src/lib.rs: The tests in it were removed"),
        ({"src/lib.rs": RUST}, {"src/lib.rs": edited("2);", "1);", RUST)}, "src/lib.rs:7: `fn sums_up"),
    ],
)
def test_files_of_tests(tmp_path, before, after, said):
    """Files of tests and of what belongs to them stay, and new ones leave the others alone."""
    assert any(line.startswith(said) or said in line for line in judged(tmp_path, before, after))


def test_new_files_of_tests(tmp_path):
    """New files of tests, helpers and data weaken nothing."""
    new = {
        "tests/test_a.py": PYTHON,
        "tests/test_b.py": PYTHON,
        "tests/helpers.py": "def body():\n    return {}\n",
        "tests/data.json": "{}",
        "src/lib.rs": RUST.replace("x.len()", "x.chars().count()"),
    }
    assert judged(tmp_path, {"tests/test_a.py": PYTHON, "src/lib.rs": RUST}, new) == []


def test_link_instead_of_tests(tmp_path):
    """A link where a test was is no test."""
    old, new = laid(tmp_path / "old", {"tests/test_a.py": PYTHON}), laid(tmp_path / "new", {"x.py": ""})
    (new / "tests").mkdir()
    (new / "tests" / "test_a.py").symlink_to(old / "tests" / "test_a.py")
    found = {str(each) for each in weakenings(old, new)}
    assert any("A link or a special file stands where tests are" in each for each in found), found


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="({[]})'\"`/*\\;\n ax#@=>.:", max_size=80))
def test_braces_never_hang(text):
    """Whatever the text, its statements are read, or it is said that they can't be; equal texts are equal."""
    try:
        found = statements(text)
    except ValueError:
        return
    assert [str(each) for each in found] == [str(each) for each in statements(text)]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_python_is_compared(old, new):
    """Whatever two texts hold, they are compared without an error."""
    assert all(isinstance(line, int) and what for line, what in changed_python(old, new))
    assert list(changed_python(old, old)) == []
