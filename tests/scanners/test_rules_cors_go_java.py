"""Good and bad lines of CORS-001 to CORS-003 in Go and Java."""
# samples are lines as people write them

from __future__ import annotations

import pytest


def cases(text: str) -> list[str]:
    """Return the samples of a table, which stand between lines of three dashes."""
    return [case.strip("\n") for case in text.split("\n---\n")]


CODES = ("CORS-001", "CORS-002", "CORS-003")
RS = 'package main\nimport "github.com/rs/cors"\n'
GIN = 'package main\nimport "github.com/gin-contrib/cors"\n'
GO = cases(r"""
package main
import "github.com/rs/cors"
func f() {
	c := cors.Default() //! CORS-001
}
---
package main
import "github.com/rs/cors"
func f() {
	c := cors.AllowAll() //! CORS-001
}
---
package main
import "github.com/rs/cors"
func f() {
	c := cors.New(cors.Options{AllowedOrigins: []string{"*"}}) //! CORS-001
}
---
package main
import "github.com/rs/cors"
func f() {
	c := cors.New(cors.Options{ //! CORS-001, CORS-002
		AllowedOrigins: []string{"*"},
		AllowCredentials: true,
	})
}
---
package main
import "github.com/rs/cors"
func f() {
	c := cors.New(cors.Options{AllowOriginFunc: func(o string) bool { return true }}) //! CORS-003
}
---
package main
import "github.com/gin-contrib/cors"
func f() {
	r.Use(cors.Default()) //! CORS-001
}
---
package main
import "github.com/gin-contrib/cors"
func f() {
	r.Use(cors.New(cors.Config{AllowAllOrigins: true})) //! CORS-001
}
---
package main
import "github.com/gin-contrib/cors"
func f() {
	c := cors.DefaultConfig()
	c.AllowAllOrigins = true //! CORS-001, CORS-002
	c.AllowCredentials = true
}
---
package main
import "github.com/gin-contrib/cors"
func f() {
	c := cors.DefaultConfig()
	c.AllowOrigins = []string{"*"} //! CORS-001
}
---
package main
import "github.com/labstack/echo/v4/middleware"
func f() {
	e.Use(middleware.CORS()) //! CORS-001
}
---
package main
import "github.com/labstack/echo/v4/middleware"
func f() {
	e.Use(middleware.CORSWithConfig(middleware.CORSConfig{AllowOrigins: []string{"*"}})) //! CORS-001
}
---
package main
import "github.com/gofiber/fiber/v2/middleware/cors"
func f() {
	app.Use(cors.New()) //! CORS-001
}
---
package main
import "github.com/gorilla/handlers"
func f() {
	o := handlers.AllowedOrigins([]string{"*"}) //! CORS-001
}
---
package main
func f(w http.ResponseWriter) {
	w.Header().Set("Access-Control-Allow-Origin", "*") //! CORS-001
}
---
package main
func f(w http.ResponseWriter) {
	w.Header().Set("Access-Control-Allow-Origin", "*") //! CORS-001, CORS-002
	w.Header().Set("Access-Control-Allow-Credentials", "true")
}
---
package main
func f(c *gin.Context) {
	c.Header("Access-Control-Allow-Origin", "*") //! CORS-001
}
---
package main
func f(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin")) //! CORS-003
}
---
package main
func f(w http.ResponseWriter, r *http.Request) {
	o := r.Header.Get("Origin")
	if o != "" {
		w.Header().Set("Access-Control-Allow-Origin", o) //! CORS-003
	}
}
---
package main
import "github.com/rs/cors"
func f() {
	c := cors.New(cors.Options{AllowedOrigins: []string{"https://a.example"}, AllowCredentials: true})
}
---
package main
import "github.com/gin-contrib/cors"
func f() {
	r.Use(cors.New(cors.Config{AllowOrigins: []string{"https://a.example"}}))
}
---
package main
import "github.com/gin-contrib/cors"
func f() {
	c.AllowAllOrigins = false
}
---
package main
func f(w http.ResponseWriter) {
	w.Header().Set("Access-Control-Allow-Origin", "https://a.example")
}
---
package main
func f(w http.ResponseWriter) {
	w.Header().Set("Access-Control-Allow-Methods", "*")
}
---
package main
func f(w http.ResponseWriter, r *http.Request) {
	o := r.Header.Get("Origin")
	if allowed[o] {
		w.Header().Set("Access-Control-Allow-Origin", o)
	}
}
---
package main
func f(w http.ResponseWriter, r *http.Request) {
	o := r.Header.Get("Origin")
	if !isAllowed(o) {
		return
	}
	w.Header().Set("Access-Control-Allow-Origin", o)
}
---
package main
// w.Header().Set("Access-Control-Allow-Origin", "*")
---
package main
func f() {
	req.Header.Set("Access-Control-Allow-Origin", "*")
}
""")
JAVA = cases(r"""
@CrossOrigin  //! CORS-001
@RestController
class A {}
---
class A {
  @CrossOrigin()  //! CORS-001
  void f() {}
}
---
class A {
  @CrossOrigin("*")  //! CORS-001
  void f() {}
}
---
class A {
  @CrossOrigin(origins = "*")  //! CORS-001
  void f() {}
}
---
class A {
  @CrossOrigin(origins = {"*"}, allowCredentials = "true")  //! CORS-001, CORS-002
  void f() {}
}
---
class A {
  @CrossOrigin(originPatterns = "*")  //! CORS-001
  void f() {}
}
---
class A {
  void f(CorsRegistry r) {
    r.addMapping("/**").allowedOrigins("*");  //! CORS-001
  }
}
---
class A {
  void f(CorsRegistry r) {
    r.addMapping("/**")
      .allowedOriginPatterns("*")  //! CORS-001, CORS-002
      .allowCredentials(true);
  }
}
---
class A {
  void f(CorsRegistry r) {
    r.addMapping("/**");  //! CORS-001
  }
}
---
class A {
  void f() {
    config.addAllowedOrigin("*");  //! CORS-001
  }
}
---
class A {
  void f() {
    config.setAllowedOrigins(List.of("*"));  //! CORS-001, CORS-002
    config.setAllowCredentials(true);
  }
}
---
class A {
  void f() {
    config.setAllowedOriginPatterns(Arrays.asList("*"));  //! CORS-001
  }
}
---
class A {
  void f() {
    response.setHeader("Access-Control-Allow-Origin", "*");  //! CORS-001
  }
}
---
class A {
  void f() {
    response.addHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, "*");  //! CORS-001
  }
}
---
class A {
  void f() {
    return Response.ok().header("Access-Control-Allow-Origin", "*").build();  //! CORS-001
  }
}
---
class A {
  void f() {
    response.setHeader("Access-Control-Allow-Origin", request.getHeader("Origin"));  //! CORS-003
  }
}
---
class A {
  void f() {
    String o = request.getHeader("Origin");
    response.setHeader("Access-Control-Allow-Origin", o);  //! CORS-003
  }
}
---
class A {
  @CrossOrigin("https://a.example")
  void f() {}
}
---
class A {
  @CrossOrigin(origins = {"https://a.example"}, allowCredentials = "true")
  void f() {}
}
---
class A {
  void f(CorsRegistry r) {
    r.addMapping("/**").allowedOrigins("https://a.example").allowedMethods("*");
  }
}
---
class A {
  void f() {
    config.setAllowedOrigins(List.of("https://a.example"));
    config.addAllowedHeader("*");
  }
}
---
class A {
  void f() {
    response.setHeader("Access-Control-Allow-Headers", "*");
  }
}
---
class A {
  void f() {
    String o = request.getHeader("Origin");
    if (ALLOWED.contains(o)) {
      response.setHeader("Access-Control-Allow-Origin", o);
    }
  }
}
---
// @CrossOrigin
class A {}
""")


@pytest.mark.parametrize("text", GO)
def test_go(samples, text):
    """The CORS packages of Go and headers set by hand are read."""
    samples.check(text, *CODES, path="main.go")


@pytest.mark.parametrize("text", JAVA)
def test_java(samples, text):
    """Spring's annotations and configuration, and headers set by hand, are read."""
    samples.check(text, *CODES, path="A.java")
