"""Good, bad and near-miss systems of ADV-004."""

from __future__ import annotations

import pytest
from sample_text import split_systems
from test_rules_system_events import check

SYSTEMS = split_systems(r"""
== users/a.py
from pydantic import BaseModel
class User(BaseModel):
    id: int
    first_name: str
    created_at: str
== web/a.js
const axios = require('axios');
async function f() {
  const { data } = await axios.get('http://users/u');
  return data.firstName;  //! ADV-004
}
----
== users/a.py
from pydantic import BaseModel
class User(BaseModel):
    id: int
    first_name: str
    created_at: str
== web/a.js
const axios = require('axios');
async function f() {
  const { data } = await axios.get('http://users/u');
  return data.first_name;
}
----
== users/a.py
from pydantic import BaseModel
class User(BaseModel):
    id: int
    first_name: str
    created_at: str
== web/a.js
const axios = require('axios');
async function f() {
  const { data } = await axios.get('http://users/u');
  return { firstName: data.first_name };
}
----
== users/a.py
from pydantic import BaseModel
class User(BaseModel):
    id: int
    first_name: str
    created_at: str
== web/a.js
async function f() {
  const r = await fetch('http://users/u');
  const user = await r.json();
  const { firstName } = user;  //! ADV-004
}
----
== users/a.py
from pydantic import BaseModel
class User(BaseModel):
    id: int
    first_name: str
    created_at: str
== web/a.js
fetch('http://users/u').then((r) => r.json()).then((u) => u.firstName);  //! ADV-004
----
== users/a.py
from pydantic import BaseModel
class User(BaseModel):
    id: int
    first_name: str
    created_at: str
== web/a.js
const axios = require('axios');
async function f() {
  const { data } = await axios.get('http://users/u');
  return data.items.map((u) => u.createdAt);  //! ADV-004
}
----
== users/a.py
from pydantic import BaseModel
class User(BaseModel):
    id: int
    first_name: str
    created_at: str
== web/a.js
const axios = require('axios');
axios.post('http://users/u', {
  id: 1,
  firstName: n,  //! ADV-004
});
----
== users/a.py
from pydantic import BaseModel
class User(BaseModel):
    id: int
    first_name: str
    created_at: str
== mail/a.py
import httpx
def f():
    r = httpx.get('http://users/u')
    return r.json()['firstName']  #! ADV-004
----
== users/a.py
from pydantic import BaseModel
class User(BaseModel):
    id: int
    first_name: str
    created_at: str
== mail/a.py
import httpx
def f():
    u = httpx.get('http://users/u').json()
    return u.get('createdAt')  #! ADV-004
----
== users/a.py
from pydantic import BaseModel
class User(BaseModel):
    id: int
    first_name: str
    created_at: str
== mail/a.py
import httpx
def f():
    httpx.post('http://users/u', json={'firstName': 'x'})  #! ADV-004
----
== users/a.py
from pydantic import BaseModel
class User(BaseModel):
    id: int
    first_name: str
    created_at: str
== mail/a.py
import httpx
def f():
    httpx.post('http://users/u', json={'first_name': 'x'})
----
== users/a.py
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
class User(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)
    first_name: str
== web/a.ts
export interface User { firstName: string }
----
== users/a.py
from pydantic import BaseModel, Field
class User(BaseModel):
    first_name: str = Field(alias='firstName')
== web/a.js
const axios = require('axios');
async function f() {
  const { data } = await axios.get('http://users/u');
  return data.firstName;
}
----
== users/a.py
from pydantic import BaseModel
class User(BaseModel):
    id: int
    first_name: str
    created_at: str
== web/a.ts
export interface User {
  id: number;
  firstName: string;  //! ADV-004
}
----
== users/a.py
from pydantic import BaseModel
class User(BaseModel):
    id: int
    first_name: str
    created_at: str
== web/a.ts
export interface UserResponse {
  id: number;
  first_name: string;
}
----
== users/a.py
from pydantic import BaseModel
class User(BaseModel):
    id: int
    first_name: str
    created_at: str
== web/a.ts
export interface Order {
  id: number;
  createdAt: string;
}
----
== users/a.py
from pydantic import BaseModel
class User(BaseModel):
    id: int
    first_name: str
    created_at: str
== web/a.ts
import { Expose } from 'class-transformer';
export class User {
  @Expose({ name: 'first_name' })
  firstName: string;
}
----
== users/a.py
from pydantic import BaseModel
class User(BaseModel):
    id: int
    first_name: str
    created_at: str
== web/a.js
import applyCaseMiddleware from 'axios-case-converter';
const axios = require('axios');
async function f() {
  const { data } = await axios.get('http://users/u');
  return data.firstName;
}
----
== users/a.js
app.get('/u', (req, res) => res.json({ userId: 1 }));
== mail/a.py
import requests
def f():
    return requests.get('http://users/u').json()['user_id']  #! ADV-004
----
== users/a.js
app.get('/u', (req, res) => res.json({ user_id: 1 }));
== mail/a.py
import requests
def f():
    return requests.get('http://users/u').json()['user_id']
----
== users/openapi.yaml
openapi: 3.1.0
paths: {}
components:
  schemas:
    User:
      properties:
        firstName: {type: string}  #! ADV-004
== mail/openapi.yaml
openapi: 3.1.0
paths: {}
components:
  schemas:
    User:
      properties:
        first_name: {type: string}
----
== users/a.py
from pydantic import BaseModel
class User(BaseModel):
    id: int
    first_name: str
    created_at: str
== web/a.js
const axios = require('axios');
async function f() {
  const { data } = await axios.get('http://users/u');
  return data.name;
}
const firstName = 'x';
console.log(window.firstName);
----
== users/a.py
from rest_framework import serializers
class UserSerializer(serializers.ModelSerializer):
    class Meta:
        fields = ['first_name']
== web/a.js
const axios = require('axios');
async function f() {
  const { data } = await axios.get('http://users/u');
  return data.firstName;  //! ADV-004
}
----
== users/a.py
from rest_framework import serializers
class UserSerializer(serializers.Serializer):
    first_name = serializers.CharField()
== users/settings.py
R = ['djangorestframework_camel_case.render.CamelCaseJSONRenderer']
== web/a.js
const axios = require('axios');
async function f() {
  const { data } = await axios.get('http://users/u');
  return data.firstName;
}
""")


MORE = split_systems(r"""
== orders/models.py
from pydantic import BaseModel
class OrderOut(BaseModel):
    order_id: int
    unit_price: float
    customer_email: str
== billing/client.py
import requests
def charge(id):
    resp = requests.get(f"http://orders/orders/{id}", timeout=3)
    order = resp.json()
    total = order["unitPrice"] * 2  #! ADV-004
    send(order.get("customerEmail"))  #! ADV-004
    return order["order_id"]
----
== orders/models.py
from pydantic import BaseModel
class OrderOut(BaseModel):
    order_id: int
== web/api.ts
export interface Order {
  orderId: number;  //! ADV-004
}
export async function get(id: number): Promise<Order> {
  const res = await fetch(`http://orders/orders/${id}`);
  return res.json();
}
----
== orders/models.py
from pydantic import BaseModel
class OrderOut(BaseModel):
    order_id: int
== web/api.ts
export interface Order { orderId: number }
interface RawOrder { order_id: number }
const toOrder = (o: RawOrder): Order => ({ orderId: o.order_id });
----
== orders/models.py
from pydantic import BaseModel
def camel(s): ...
class Base(BaseModel):
    class Config:
        alias_generator = camel
class OrderOut(Base):
    order_id: int
== web/api.ts
export interface Order { orderId: number }
----
== users/server.js
app.get('/users/:id', (req, res) => {
  res.json({ userName: 'x', createdAt: 1 });
});
== report/main.py
import httpx
async def run():
    async with httpx.AsyncClient(base_url="http://users") as c:
        data = (await c.get("/users/1")).json()
    return data["user_name"], data["createdAt"]  #! ADV-004
----
== users/server.js
app.post('/users', (req, res) => {
  const { firstName, lastName } = req.body;
  res.json({});
});
== web/main.py
import httpx
def f():
    httpx.post("http://users/users", json={"first_name": "a", "lastName": "b"})  #! ADV-004
----
== users/openapi.yaml
openapi: 3.0.0
paths: {}
components:
  schemas:
    User:
      type: object
      properties:
        firstName: {type: string}
        id: {type: string}
== users/app.py
from pydantic import BaseModel
class User(BaseModel):
    id: str
    first_name: str  #! ADV-004
----
== users/app.py
from pydantic import BaseModel
class User(BaseModel):
    id: str
    first_name: str
== shop/app.py
import os
max_retries = 3
isActive = True
def snake_case(): ...
== web/app.ts
const isActive = true;
const maxRetries = 3;
const firstName = form.firstName;
----
== users/app.py
from dataclasses import dataclass
from pydantic import BaseModel
class User(BaseModel):
    id: str
    first_name: str
== web/app.ts
import axios from 'axios';
import camelcaseKeys from 'camelcase-keys';
export const f = async () => camelcaseKeys((await axios.get('http://users/u')).data).firstName;
""")


@pytest.mark.parametrize("files", [*SYSTEMS, *MORE])
def test_spelling_of_fields(tmp_path, files):
    """ADV-004 finds fields that one side of a boundary spells in camelCase and the other in snake_case."""
    check(tmp_path, files, "ADV-004")
