"""Good, bad and near-miss lines of SEC-002 to SEC-006 in Go and Java."""

# ruff: noqa: E101 -- samples keep the layout of their language

from __future__ import annotations

import pytest

GO = [
    (
        "SEC-002",
        """\
        package main
        import "github.com/golang-jwt/jwt/v5"

        func f() {
        	token := jwt.NewWithClaims(jwt.SigningMethodNone, jwt.MapClaims{"exp": 1}) //! SEC-002
        	s, _ := token.SignedString(jwt.UnsafeAllowNoneSignatureType) //! SEC-002
        	t2 := jwt.NewWithClaims(jwt.SigningMethodHS256, c)
        	if t2.Method == jwt.SigningMethodNone { return }
        	jwt.NewParser(jwt.WithValidMethods([]string{"none"})) //! SEC-002
        }
        func kf(token *jwt.Token) (interface{}, error) {
        	return jwt.UnsafeAllowNoneSignatureType, nil //! SEC-002
        }
        """,
    ),
    (
        "SEC-003",
        """\
        package main
        import "github.com/golang-jwt/jwt/v5"

        func f(raw string) {
        	p := new(jwt.Parser)
        	t, _, err := p.ParseUnverified(raw, &claims) //! SEC-003
        	jwt.NewParser().ParseUnverified(raw, claims) //! SEC-003
        }
        func g(raw string) {
        	t, _, _ := jwt.NewParser().ParseUnverified(raw, claims)
        	jwt.Parse(raw, func(t *jwt.Token) (interface{}, error) { return keys[t.Header["kid"]], nil })
        }
        """,
    ),
    (
        "SEC-004",
        """\
        package main
        import "github.com/golang-jwt/jwt/v5"

        func f() {
        	token := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"sub": "x"}) //! SEC-004
        	claims := jwt.MapClaims{"sub": 1}
        	jwt.NewWithClaims(jwt.SigningMethodHS256, claims) //! SEC-004
        	jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{Issuer: "x"}) //! SEC-004
        	jwt.NewWithClaims(jwt.SigningMethodHS256, &jwt.StandardClaims{ExpiresAt: x})
        	jwt.NewWithClaims(jwt.SigningMethodHS256, other)
        	p := jwt.NewParser(jwt.WithoutClaimsValidation()) //! SEC-004
        	q := jwt.Parser{SkipClaimsValidation: true} //! SEC-004
        }
        func g() {
        	c := jwt.MapClaims{"sub": 1}
        	c["exp"] = 1
        	jwt.NewWithClaims(jwt.SigningMethodHS256, c)
        }
        func h() {
        	token := jwt.New(jwt.SigningMethodHS256) //! SEC-004
        	claims := token.Claims.(jwt.MapClaims)
        	claims["name"] = "x"
        }
        """,
    ),
    (
        "SEC-005",
        """\
        package main
        import "github.com/golang-jwt/jwt/v5"

        var jwtKey = []byte("my_secret_key")
        const secret = "abc"
        func f() {
        	token.SignedString([]byte("literal")) //! SEC-005
        	token.SignedString(jwtKey) //! SEC-005
        	token.SignedString([]byte(secret)) //! SEC-005
        	token.SignedString([]byte(os.Getenv("JWT_SECRET")))
        	token.SignedString(privateKey)
        	jwt.Parse(raw, func(token *jwt.Token) (interface{}, error) {
        		return []byte("AllYourBase"), nil //! SEC-005
        	})
        }
        """,
    ),
    (
        "SEC-005",
        """\
        package config
        const JWTSecret = "abc" //! SEC-005
        var jwtSecretKey = os.Getenv("JWT_SECRET")
        """,
    ),
    (
        "SEC-006",
        """\
        package main
        import "github.com/golang-jwt/jwt/v5"

        func f() {
        	jwt.Parse(raw, kf, jwt.WithValidMethods([]string{"HS256", "RS256"})) //! SEC-006
        	jwt.Parse(raw, kf, jwt.WithValidMethods([]string{"RS256"}))
        	jwt.Parse(raw, func(t *jwt.Token) (interface{}, error) {
        		return []byte(publicKey), nil //! SEC-006
        	})
        }
        """,
    ),
]

JAVA = [
    (
        "SEC-002",
        """\
        import com.auth0.jwt.JWT;
        import com.auth0.jwt.algorithms.Algorithm;
        class A {

         void f() {
          Algorithm a = Algorithm.none(); //! SEC-002
          JWT.create().withExpiresAt(d).sign(Algorithm.none()); //! SEC-002
          String s = Jwts.builder().setSubject("x").setExpiration(d).compact(); //! SEC-002
          String t = Jwts.builder().setSubject("x").setExpiration(d).signWith(k).compact();
         }
        }
        """,
    ),
    (
        "SEC-003",
        """\
        import com.auth0.jwt.JWT;
        import com.auth0.jwt.algorithms.Algorithm;
        class A {

         void f(String token) {
          DecodedJWT j = JWT.decode(token); //! SEC-003
          Jwts.parser().setSigningKey(k).parse(token); //! SEC-003
          Jwts.parser().setSigningKey(k).parseClaimsJws(token);
          Jwts.parserBuilder().build().parseClaimsJwt(token); //! SEC-003
         }
         void g(String token) {
          DecodedJWT j = JWT.decode(token);
          JWT.require(alg).build().verify(token);
         }
        }
        """,
    ),
    (
        "SEC-004",
        """\
        import com.auth0.jwt.JWT;
        import com.auth0.jwt.algorithms.Algorithm;
        class A {

         void f() {
          String t = JWT.create() //! SEC-004
            .withIssuer("x")
            .sign(alg);
          String u = JWT.create().withIssuer("x").withExpiresAt(d).sign(alg);
          String v = Jwts.builder().setSubject("x").signWith(k).compact(); //! SEC-004
          String w = Jwts.builder().setClaims(c).signWith(k).compact();
          String x = Jwts.builder().subject("x").expiration(d).signWith(k).compact();
         }
        }
        """,
    ),
    (
        "SEC-005",
        """\
        import com.auth0.jwt.JWT;
        import com.auth0.jwt.algorithms.Algorithm;
        class A {

         private static final String SECRET = "abc";
         void f() {
          Algorithm a = Algorithm.HMAC256("secret"); //! SEC-005
          Algorithm b = Algorithm.HMAC512(SECRET.getBytes()); //! SEC-005
          Algorithm c = Algorithm.HMAC256(System.getenv("X"));
          Jwts.builder().setSubject("x").signWith(SignatureAlgorithm.HS256, "secretkey").compact(); //! SEC-005
          Jwts.parser().setSigningKey(SECRET).parseClaimsJws(t); //! SEC-005
          SecretKey k = Keys.hmacShaKeyFor("abc".getBytes()); //! SEC-005
         }
         @Value("${jwt.secret:changeme}") //! SEC-005
         private String s;
         @Value("${jwt.secret}")
         private String t;
        }
        """,
    ),
]

CODES = ("SEC-002", "SEC-003", "SEC-004", "SEC-005", "SEC-006")

FILES = [
    (
        "main.go",
        """\
        package auth

        import (
        	"time"

        	jwtv5 "github.com/golang-jwt/jwt/v5"
        )

        type Claims struct {
        	UserID string `json:"uid"`
        	jwtv5.RegisteredClaims
        }

        func Issue(id string) (string, error) {
        	claims := &Claims{
        		UserID: id,
        		RegisteredClaims: jwtv5.RegisteredClaims{
        			ExpiresAt: jwtv5.NewNumericDate(time.Now().Add(time.Hour)),
        		},
        	}
        	return jwtv5.NewWithClaims(jwtv5.SigningMethodHS256, claims).SignedString(secretFromEnv())
        }

        func Forever(id string) (string, error) {
        	claims := Claims{UserID: id}
        	t := jwtv5.NewWithClaims(jwtv5.SigningMethodHS256, claims) //! SEC-004
        	return t.SignedString([]byte("hunter2")) //! SEC-005
        }

        func Parse(s string) (*jwtv5.Token, error) {
        	return jwtv5.ParseWithClaims(s, &Claims{}, func(t *jwtv5.Token) (any, error) {
        		if _, ok := t.Method.(*jwtv5.SigningMethodHMAC); !ok {
        			return nil, ErrMethod
        		}
        		return []byte(os.Getenv("JWT_SECRET")), nil
        	})
        }
        """,
    ),
    (
        "A.java",
        """\
        import io.jsonwebtoken.*;
        import io.jsonwebtoken.security.Keys;
        @Component
        public class JwtUtil {
            private String SECRET_KEY = "secret";
            @Value("${app.jwtSecret}")
            private String jwtSecret;
            public Claims extract(String token) {
                return Jwts.parser().setSigningKey(SECRET_KEY).parseClaimsJws(token).getBody(); //! SEC-005
            }
            public String generate(UserDetails u) {
                return Jwts.builder().setSubject(u.getUsername()).setIssuedAt(new Date()) //! SEC-004
                        .signWith(SignatureAlgorithm.HS256, jwtSecret).compact();
            }
            public String ok(Map<String, Object> claims, String s) {
                return Jwts.builder().setClaims(claims).setSubject(s).setExpiration(new Date())
                        .signWith(Keys.hmacShaKeyFor(jwtSecret.getBytes())).compact();
            }
            public boolean valid(String token) {
                try { Jwts.parserBuilder().setSigningKey(key()).build().parseClaimsJws(token); return true; }
                catch (JwtException e) { return false; }
            }
        }
        """,
    ),
]


@pytest.mark.parametrize(("path", "text"), FILES)
def test_files(samples, path, text):
    """Whole files give these findings and no other of the family."""
    samples.check(text, *CODES, path=path)


@pytest.mark.parametrize(("code", "text"), GO)
def test_go(samples, code, text):
    """Each code finds its lines in Go, and no other."""
    samples.check(text, code, path="main.go")


@pytest.mark.parametrize(("code", "text"), JAVA)
def test_java(samples, code, text):
    """Each code finds its lines in Java, and no other."""
    samples.check(text, code, path="A.java")
