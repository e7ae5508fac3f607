"""Go and Java files: what names and values of real spellings come to."""

from __future__ import annotations

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from pytest_superteam.scanners.languages.go import GoModule
from pytest_superteam.scanners.languages.java import JavaModule
from pytest_superteam.scanners.languages.python import UNKNOWN

GO = """package main
import (
\t"net/http"
\t"os"
\tj "github.com/golang-jwt/jwt/v5"
\t"github.com/dgrijalva/jwt-go"
\t"gopkg.in/square/go-jose.v2"
\t. "example.org/dots"
\t_ "example.org/drivers"
)
const secret = "x"
var key, other = []byte(secret + `y`), 2
type Config struct { Secret string }
func ask(values ...any) {}
func main(w http.ResponseWriter, t *j.Token, name string) {
%s
}
"""

JAVA = """package p;
import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import com.auth0.jwt.interfaces.JWTVerifier;
import static com.example.Keys.load;
import java.util.*;
public class A extends B {
  private static final String SECRET = "x" + "y";
  @Value("${jwt.secret:abc}") private String secret;
  private final Algorithm algorithm = Algorithm.HMAC256("k");
  private String set;
  private String changed = "a";
  A(@Value("${p:q}") String given) { this.set = "w"; this.changed = "b"; ask(given); }
  void m(String parameter, JWTVerifier verifier, List<String> items) {
    %s
  }
}
"""


def go(body: str):
    module = GoModule("main.go", (GO % body).encode())
    assert module.broken is None
    return module, module.arguments([c for c in module.calls if module.called(c) == "ask"][-1])


def java(body: str):
    module = JavaModule("A.java", (JAVA % body).encode())
    assert module.broken is None
    return module, module.arguments([c for c in module.calls if module.called(c) == "ask"][-1])


JWT5 = "github.com/golang-jwt/jwt/v5"
GO_NAMES = {
    "ask(j.Parse)": f"{JWT5}.Parse",
    "ask(jwt.Parse)": "github.com/dgrijalva/jwt-go.Parse",
    "ask(jose.ParseSigned)": "gopkg.in/square/go-jose.v2.ParseSigned",
    "ask(http.Get)": "net/http.Get",
    "p := j.Parse; ask(p)": f"{JWT5}.Parse",
    "n := j.NewWithClaims(a, b); ask(n.SignedString)": f"{JWT5}.NewWithClaims.SignedString",
    "n, err := j.Parse(a, b); ask(n.Claims)": f"{JWT5}.Parse.Claims",
    "n, err := j.Parse(a, b); ask(err.Error)": "err.Error",
    "ask(j.NewParser().Parse)": f"{JWT5}.NewParser.Parse",
    "p := &j.Parser{}; ask(p.Parse)": f"{JWT5}.Parser.Parse",
    "ask((&j.Parser{}).Parse)": f"{JWT5}.Parser.Parse",
    "var p j.Parser; ask(p.Parse)": f"{JWT5}.Parser.Parse",
    "var p = new(j.Parser); ask(p.Parse)": "new.Parse",
    "ask(w.Header().Set)": "net/http.ResponseWriter.Header.Set",
    "ask(t.Method)": f"{JWT5}.Token.Method",
    "func(t http.Client) { ask(t.Do) }(x)": "net/http.Client.Do",
    "j := x.Y; ask(j.Parse)": "x.Y.Parse",
    "if p := j.Parse; true { ask(p) }": f"{JWT5}.Parse",
    "for _, j := range xs { ask(j.Parse) }": "j.Parse",
    "switch p := j.Parse; { case true: ask(p) }": f"{JWT5}.Parse",
    "ask(name)": "name",
    "ask(a[0].B)": "",
    'ask("a")': "",
    "ask(t.Claims.(j.MapClaims).Valid)": f"{JWT5}.Token.Claims.Valid",
}  # fmt: skip

GO_VALUES = {
    'ask("a\\n")': "a\n",
    "ask(`a\\n`)": "a\\n",
    "ask(secret)": "x",
    "ask(key)": "xy",
    "ask(other)": 2,
    "ask(name)": UNKNOWN,
    "secret := 1; ask(secret)": 1,
    "secret := f(); ask(secret)": UNKNOWN,
    "{ secret := f(); _ = secret }; ask(secret)": "x",
    'a := "x"; a = "y"; ask(a)': UNKNOWN,
    'a := "x"; a += "y"; ask(a)': UNKNOWN,
    "a := 1; a++; ask(a)": UNKNOWN,
    'var a string; a = "y"; ask(a)': "y",
    'a, b := "x", "y"; ask(b)': "y",
    'ask([]byte("x"))': "x",
    'ask(string("x"))': "x",
    'ask([]string{"a", secret, f()})': ["a", "x", UNKNOWN],
    "ask([...]int{1, 2})": [1, 2],
    'ask(map[string]any{"a": 1, secret: true})': {"a": 1, "secret": True},
    'ask(Config{Secret: "z"})': {"Secret": "z"},
    'c := &Config{Secret: "z"}; ask(c.Secret)': "z",
    'ask([]Config{{Secret: "z"}})': UNKNOWN,
    "ask(nil)": None,
    "ask(true)": True,
    "ask(!true)": False,
    "ask(-1)": -1,
    "ask(0x1F)": 31,
    "ask(1_000)": 1000,
    "ask(1.5)": 1.5,
    'ask(os.Getenv("X"))': UNKNOWN,
    'ask(cmp.Or(os.Getenv("X"), "d"))': "d",
    'ask(getEnv("X", "d"))': "d",
    'ask(strings.Split("a,b", ","))': ["a", "b"],
    'ask(strings.TrimSpace("a"))': "a",
    "ask(" + " + ".join(['"a"'] * 50) + ")": "a" * 50,
    "ask(1 - 1)": UNKNOWN,
}  # fmt: skip
GO_VALUES['ask([]Config{{Secret: "z"}})'] = [UNKNOWN]

JAVA_NAMES = {
    "ask(JWT.require(a).build())": "com.auth0.jwt.JWT.require.build",
    "ask(algorithm.sign(x))": "com.auth0.jwt.algorithms.Algorithm.sign",
    "ask(this.algorithm.sign(x))": "com.auth0.jwt.algorithms.Algorithm.sign",
    "ask(verifier.verify(x))": "com.auth0.jwt.interfaces.JWTVerifier.verify",
    "JWTVerifier v = f(); ask(v.verify(x))": "com.auth0.jwt.interfaces.JWTVerifier.verify",
    "var v = JWT.require(a).build(); ask(v.verify(x))": "com.auth0.jwt.JWT.require.build.verify",
    "ask(load())": "com.example.Keys.load",
    "ask(new Algorithm(x))": "com.auth0.jwt.algorithms.Algorithm",
    "ask(new Algorithm(x).sign(y))": "com.auth0.jwt.algorithms.Algorithm.sign",
    "ask(new com.x.Y<String>(x))": "com.x.Y",
    "ask(com.x.Y.z(a))": "com.x.Y.z",
    "ask(items.get(0))": "List.get",
    "ask(System.getenv(x))": "System.getenv",
    "items.forEach(verifier -> ask(verifier.verify(x)))": "verifier.verify",
    "for (Algorithm verifier : x) { ask(verifier.verify(x)); }": "com.auth0.jwt.algorithms.Algorithm.verify",
    "try (Algorithm a = x) { ask(a.b(x)); }": "com.auth0.jwt.algorithms.Algorithm.b",
    "ask(this.m(x))": "this.m",
    'ask("a")': "",
}  # fmt: skip

JAVA_VALUES = {
    'ask("a\\n")': "a\n",
    'ask("""\n  a\n   b\n  """)': "a\n b\n",
    "ask(SECRET)": "xy",
    "ask(A.SECRET)": "xy",
    "ask(this.SECRET)": "xy",
    "ask(secret)": "abc",
    "ask(this.secret)": "abc",
    "ask(set)": "w",
    "ask(this.set)": "w",
    "ask(changed)": UNKNOWN,
    "ask(parameter)": UNKNOWN,
    'String s = "a"; ask(s)': "a",
    'String s; s = "a"; ask(s)': "a",
    'String s = "a"; s = "b"; ask(s)': UNKNOWN,
    'String s = "a"; s += "b"; ask(s)': UNKNOWN,
    "String SECRET = f(); ask(SECRET)": UNKNOWN,
    'ask("k".getBytes(StandardCharsets.UTF_8))': "k",
    'ask("k".toCharArray())': "k",
    'ask(new SecretKeySpec("k".getBytes(), "HmacSHA256"))': "k",
    'ask(Keys.hmacShaKeyFor(Decoders.BASE64.decode("k")))': "k",
    'ask(new String("k"))': "k",
    'ask((String) "k")': "k",
    'ask(List.of("a", SECRET))': ["a", "xy"],
    'ask(Arrays.asList("a"))': ["a"],
    'ask(new String[]{"a"})': ["a"],
    'ask(new HashSet<>(Set.of("a")))': ["a"],
    'ask(System.getenv("X"))': UNKNOWN,
    'ask(System.getenv().getOrDefault("X", "d"))': "d",
    'ask(System.getProperty("x", "d"))': "d",
    'ask(Optional.ofNullable(System.getenv("X")).orElse("d"))': "d",
    'ask(env.getProperty("x", "d"))': "d",
    "ask(5L)": 5,
    "ask(0x1F)": 31,
    "ask(1.5f)": 1.5,
    "ask(-1)": -1,
    "ask(!true)": False,
    "ask(null)": None,
    "ask(" + " + ".join(['"a"'] * 50) + ")": "a" * 50,
    "ask(f())": UNKNOWN,
    "ask(1 - 1)": UNKNOWN,
}  # fmt: skip


@pytest.mark.parametrize(("body", "name"), GO_NAMES.items())
def test_a_name_of_go_is_followed(body, name):
    """An expression is named by its import path, through aliases, results and declared types."""
    module, given = go(body)
    assert module.qualname(given[0]) == name


@pytest.mark.parametrize(("body", "value"), GO_VALUES.items())
def test_a_value_of_go_is_read(body, value):
    """A value fixed in the source is read through names, conversions, composites and sums."""
    module, given = go(body)
    assert module.literal(given[0]) == value


def test_the_parts_of_a_go_file_are_told():
    """Imports, functions, parameters, options and arguments are told."""
    module, given = go('c := Config{Secret: secret}; ask(c, /* none */ "b")')
    assert module.imports["jose"] == "gopkg.in/square/go-jose.v2"
    assert module.dot_imports == ("example.org/dots",)
    assert module.text(module.option(given[0], "Secret")) == "secret"
    assert module.option(given[0], "Other") is None
    main = module.function_of(given[0])
    assert main is not None
    assert [module.text(p) for p in module.parameters(main)] == ["w http.ResponseWriter", "t *j.Token", "name string"]
    assert [module.text(node) for node in given] == ["c", '"b"']


@pytest.mark.parametrize(("body", "name"), JAVA_NAMES.items())
def test_a_name_of_java_is_followed(body, name):
    """A call is named by the full name of its class, variables by their declared types."""
    body = body if body.endswith("}") else f"{body};"
    module, given = java(body)
    inner = module.unwrap(given[0])
    assert module.called(inner) == name


@pytest.mark.parametrize(("body", "value"), JAVA_VALUES.items())
def test_a_value_of_java_is_read(body, value):
    """A value fixed in the source is read through fields, constants, wrappers and defaults."""
    module, given = java(f"{body};")
    assert module.literal(given[0]) == value


def test_the_parts_of_a_java_file_are_told():
    """Imports, annotations, classes, functions and arguments are told."""
    source = b"""
        import org.x.Get; import org.x.*; import static org.y.Z.*;
        @Rest("a") class A { @Get(path = "/x", n = 1) @Deprecated void m(@Param("id") String id, int n) { f(id); } }
    """
    module = JavaModule("A.java", source)
    assert module.imports == {"Get": "org.x.Get"}
    assert module.wildcards == ("org.x", "org.y.Z")
    (method,) = module.functions
    found = [(name, {k: module.literal(v) for k, v in given.items()}) for name, given, _ in module.annotations(method)]
    assert found == [("org.x.Get", {"path": "/x", "n": 1}), ("Deprecated", {})]
    assert [[name for name, _, _ in module.annotations(p)] for p in module.parameters(method)] == [["Param"], []]
    (call,) = module.calls
    assert module.function_of(call).id == method.id
    assert module.text(module.class_of(call).child_by_field_name("name")) == "A"
    assert module.text(module.argument(call, 0)) == "id"
    assert module.argument(call, 1) is None


def test_the_default_of_a_java_parameter_is_read():
    """A placeholder's default on an injected parameter is its value."""
    module = JavaModule("A.java", (JAVA % "f();").encode())
    call = next(c for c in module.calls if module.called(c) == "ask")
    assert module.literal(module.argument(call, 0)) == "q"


def ask_everything(module):
    """Put every question to every node of a module."""
    assert module.broken is None or module.broken > 0
    for node in module.inside(module.root):
        module.qualname(node)
        module.literal(node)
        module.function_of(node)
        module.line(node)
        assert module.column(node) > 0
    for call in module.calls:
        module.called(call)
        module.arguments(call)
        module.argument(call, 0)
    for function in module.functions:
        module.parameters(function)
    assert isinstance(module.imports, dict)
    assert not module.exhausted


@st.composite
def mutated(draw, source):
    """Return a piece of valid source with some of its parts moved, doubled, cut or spoilt."""
    data = source.encode()
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 40)))
        other = draw(st.integers(0, len(data)))
        piece = draw(
            st.sampled_from([b"", data[start:end] * 2, data[other : other + 20], b"{", b")", b'"', b"\0", b"\xff"])
        )
        data = data[:start] + piece + data[end:]
    return data


GO_BODY = "c := &Config{Secret: f(`x`)}; for a := range b { ask(c.Secret, a) }"
JAVA_BODY = 'for (var a : b) { ask(a -> this.x(new String("c")), List.of(a)); }'


@settings(deadline=None, max_examples=150)
@drawn(st.one_of(st.binary(max_size=300), mutated(GO % GO_BODY)))
def test_any_bytes_can_be_read_as_go(data):
    """No text, however broken, makes the questions to a Go file fail."""
    ask_everything(GoModule("main.go", data))


@settings(deadline=None, max_examples=150)
@drawn(st.one_of(st.binary(max_size=300), mutated(JAVA % JAVA_BODY)))
def test_any_bytes_can_be_read_as_java(data):
    """No text, however broken, makes the questions to a Java file fail."""
    module = JavaModule("A.java", data)
    ask_everything(module)
    for node in module.inside(module.root):
        module.annotations(node)


@pytest.mark.parametrize(("module", "path"), [(GoModule, "main.go"), (JavaModule, "A.java")])
@pytest.mark.parametrize("text", ["(", "[", "{", "f(", "a.", "!", "-", "func() {", "class A {", '"', "a+", "<A"])
def test_deep_nesting_is_refused_or_read(module, path, text):
    """Nesting without end is refused or read; it neither crashes nor hangs."""
    try:
        found = module(path, text.encode() * 20_000)
    except (RecursionError, ValueError):
        return
    assert found.qualname(found.root) == ""
    assert found.literal(found.root) is UNKNOWN


def test_a_refusal_says_why():
    """What is nested too deeply is refused in words."""
    with pytest.raises(RecursionError, match="levels deep"):
        GoModule("main.go", b"package main\nvar a = " + b"(" * 10_000 + b"1" + b")" * 10_000)


def test_names_that_refer_to_one_another_do_not_hang():
    """A file whose names multiply gives up in time and says so."""
    lines = ["a0 := []int{1}", *(f"a{i} := []any{{{', '.join([f'a{i - 1}'] * 40)}}}" for i in range(1, 40))]
    module, given = go("\n".join([*lines, *["ask(a39)"] * 300]))
    for call in module.calls:
        for argument in module.arguments(call):
            module.literal(argument)
    assert module.exhausted
    assert module.literal(given[0]) is not None
