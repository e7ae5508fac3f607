"""ADV-006 in Python: state that requests share, rows that are read, changed and written back, files asked for first."""

from __future__ import annotations

import pytest

APP = "from fastapi import FastAPI\napp = FastAPI()\n"
SHARED = [
    APP + "hits = 0\n@app.get('/x')\ndef f():\n    global hits\n    hits += 1  #! ADV-006\n    return hits",
    APP + "hits = 0\n@app.get('/x')\ndef f():\n    global hits\n    hits = hits + 1  #! ADV-006\n    return hits",
    APP + "who = None\n@app.get('/x')\ndef f(u):\n    global who\n    who = u  #! ADV-006",
    APP + "counts = {}\n@app.get('/x')\ndef f(k):\n    counts[k] = counts.get(k, 0) + 1  #! ADV-006",
    APP + "counts = {'n': 0}\n@app.get('/x')\ndef f():\n    counts['n'] += 1  #! ADV-006",
    APP + "orders: dict[str, int] = {}\n@app.post('/x')\nasync def f(o):\n    orders[o.id] = o  #! ADV-006",
    APP + "log = []\n@app.post('/x')\ndef f(o):\n    log.append(o)  #! ADV-006",
    APP + "seen = set()\n@app.post('/x')\ndef f(o):\n    if o in seen:\n        raise Dup\n    seen.add(o)  #! ADV-006",
    APP + "seats = {}\n@app.post('/x')\ndef f(n, u):\n    if n not in seats:\n        seats[n] = u  #! ADV-006",
    APP + "stock = dict()\n@app.delete('/x')\ndef f(k):\n    del stock[k]  #! ADV-006",
    "from collections import defaultdict\n"
    + APP
    + "n = defaultdict(int)\n@app.get('/x')\ndef f(k):\n    n[k] += 1  #! ADV-006",
    "from collections import Counter\n"
    + APP
    + "n = Counter()\n@app.get('/x')\ndef f(k):\n    n.update([k])  #! ADV-006",
    APP + "class Stats:\n    hits = 0\n@app.get('/x')\ndef f():\n    Stats.hits += 1  #! ADV-006",
    APP + "@app.get('/x')\ndef f(request):\n    request.app.state.hits += 1  #! ADV-006",
    APP + "store = Store()\n@app.get('/x')\ndef f():\n    store.total += 1  #! ADV-006",
    APP + "n = 0\ndef bump():\n    global n\n    n += 1  #! ADV-006\n@app.get('/x')\ndef f():\n    bump()",
    (
        "from flask import Blueprint\nbp = Blueprint('a', __name__)\nn = 0\n@bp.route('/x')\n"
        "def f():\n    global n\n    n += 1  #! ADV-006"
    ),
    "votes = {}\ndef vote(request):\n    votes[request.user.id] = 1  #! ADV-006",
    (
        "from django.views import View\nclass V(View):\n    hits = 0\n"
        "    def get(self, request):\n        self.__class__.hits += 1  #! ADV-006"
    ),
    (
        "from rest_framework.views import APIView\nclass V(APIView):\n    items = []\n"
        "    def post(self, request):\n        self.items.append(1)  #! ADV-006"
    ),
    (
        "from flask_restful import Resource\nTODOS = {}\nclass T(Resource):\n"
        "    def put(self, i):\n        TODOS[i] = 1  #! ADV-006"
    ),
    "from aiohttp import web\nn = 0\nasync def f(request):\n    global n\n    n += 1  #! ADV-006",
    # near misses
    "import threading\n"
    + APP
    + "lock = threading.Lock()\nhits = 0\n@app.get('/x')\ndef f():\n    global hits\n    with lock:\n        hits += 1",
    "import asyncio\n"
    + APP
    + "guard = asyncio.Lock()\nhits = {}\n@app.get('/x')\nasync def f(k):\n    async with guard:\n        hits[k] = 1",
    "import threading\n"
    + APP
    + (
        "mutex = threading.Lock()\nn = 0\n@app.get('/x')\ndef f():\n    global n\n"
        "    mutex.acquire()\n    n += 1\n    mutex.release()"
    ),
    APP
    + (
        "_cache = {}\n@app.get('/x')\ndef f(k):\n    if k not in _cache:\n"
        "        _cache[k] = load(k)\n    return _cache[k]"
    ),
    APP
    + (
        "models = {}\n@app.get('/x')\ndef f(k):\n    if k not in models:\n"
        "        models[k] = load(k)\n    return models[k]"
    ),
    APP
    + (
        "client = None\n@app.get('/x')\ndef f():\n    global client\n    if client is None:\n"
        "        client = make()\n    return client"
    ),
    APP + "@app.get('/x')\ndef f(k):\n    counts = {}\n    counts[k] = 1\n    return counts",
    APP + "counts = {}\n@app.get('/x')\ndef f(k):\n    return counts.get(k)",
    APP + "counts = {}\n@app.get('/x')\ndef f(counts):\n    counts['k'] = 1",
    APP + "counts = {}\ndef load():\n    counts['k'] = 1\nload()",
    APP + "hits = 0\n@app.get('/x')\ndef f():\n    hits = 1\n    return hits",
    APP + "queue = asyncio.Queue()\n@app.get('/x')\nasync def f(x):\n    await queue.put(x)",
    APP + "local = threading.local()\n@app.get('/x')\ndef f(x):\n    local.user = x",
    APP + "@app.get('/x')\ndef f(request):\n    request.state.user = 1\n    request.state.n += 1",
    "from flask import g, session\n@app.route('/x')\ndef f():\n    g.user = 1\n    session['n'] = 1",
    "class V(View):\n    def get(self, request):\n        self.items = []\n        self.items.append(1)",
    (
        "from django.views import View\nclass V(View):\n    names = ['a']\n"
        "    def get(self, request):\n        self.total = 1\n        return self.names"
    ),
    "# global hits\nTEXT = 'hits += 1'",
]


@pytest.mark.parametrize("text", SHARED)
def test_shared_state(samples, text):
    """ADV-006 finds state of modules and classes that a handler writes without a lock."""
    samples.check(text, "ADV-006")


DJANGO = "from app.models import Item\n"
ALCHEMY = "from app.models import Account\n"
REDIS = "import redis\nr = redis.Redis()\n"
MONGO = "from pymongo import MongoClient\ndb = MongoClient().shop\n"
ROWS = [
    DJANGO + "def f(pk):\n    item = Item.objects.get(pk=pk)\n    item.stock -= 1  #! ADV-006\n    item.save()",
    DJANGO
    + (
        "def f(pk, n):\n    item = Item.objects.get(pk=pk)\n"
        "    item.stock = item.stock - n  #! ADV-006\n    item.save(update_fields=['stock'])"
    ),
    DJANGO
    + (
        "def f(pk):\n    item = get_object_or_404(Item, pk=pk)\n    if item.stock > 0:\n"
        "        item.stock -= 1  #! ADV-006\n        item.save()"
    ),
    DJANGO
    + (
        "def f(pk):\n    item = Item.objects.filter(pk=pk).first()\n"
        "    item.active = not item.active  #! ADV-006\n    item.save()"
    ),
    DJANGO
    + (
        "async def f(pk):\n    item = await Item.objects.aget(pk=pk)\n"
        "    item.stock -= 1  #! ADV-006\n    await item.asave()"
    ),
    "class Item(models.Model):\n    def bump(self):\n        self.views += 1  #! ADV-006\n        self.save()",
    "def f(request):\n    request.user.credits -= 1  #! ADV-006\n    request.user.save()",
    DJANGO
    + (
        "def f(pk):\n    item = Item.objects.get(pk=pk)\n"
        "    Item.objects.filter(pk=pk).update(stock=item.stock - 1)  #! ADV-006"
    ),
    ALCHEMY + "def f(db, i, n):\n    a = db.get(Account, i)\n    a.balance -= n  #! ADV-006\n    db.commit()",
    ALCHEMY
    + (
        "def f(db, i, n):\n    a = db.query(Account).filter(Account.id == i).first()\n"
        "    a.balance = a.balance - n  #! ADV-006\n    db.commit()"
    ),
    ALCHEMY
    + (
        "async def f(s, i, n):\n    a = (await s.execute(select(Account))).scalar_one()\n"
        "    a.balance += n  #! ADV-006\n    await s.commit()"
    ),
    ALCHEMY + "def f(i):\n    a = Account.query.get(i)\n    a.balance -= 5  #! ADV-006\n    db.session.commit()",
    ALCHEMY
    + (
        "def f(session, account, n):\n    account.balance -= n  #! ADV-006\n"
        "    session.add(account)\n    session.commit()"
    ),
    REDIS + "def f(k):\n    n = int(r.get(k) or 0)\n    r.set(k, n + 1)  #! ADV-006",
    REDIS + "def f(k):\n    n = r.get(k)\n    n = int(n) + 1\n    r.set(k, n)  #! ADV-006",
    REDIS + "def f(k):\n    r.set(k, int(r.get(k)) + 1)  #! ADV-006",
    REDIS + "def f(k):\n    if r.get(k):\n        return False\n    r.set(k, 1, ex=60)  #! ADV-006\n    return True",
    REDIS + "def f(u):\n    if not r.exists(f'lock:{u}'):\n        r.set(f'lock:{u}', '1')  #! ADV-006",
    "from django.core.cache import cache\ndef f(k):\n    n = cache.get(k, 0)\n    cache.set(k, n + 1)  #! ADV-006",
    MONGO
    + (
        "def f(i):\n    d = db.items.find_one({'_id': i})\n"
        "    db.items.update_one({'_id': i}, {'$set': {'n': d['n'] + 1}})  #! ADV-006"
    ),
    MONGO
    + (
        "def f(i):\n    d = db.items.find_one({'_id': i})\n    d['n'] += 1  #! ADV-006\n"
        "    db.items.replace_one({'_id': i}, d)"
    ),
    MONGO
    + (
        "async def f(i):\n    d = await db.items.find_one({'_id': i})\n    n = d['n'] - 1\n"
        "    await db.items.update_one({'_id': i}, {'$set': {'n': n}})  #! ADV-006"
    ),
    (
        "def f(cur, i, n):\n"
        "    cur.execute('SELECT balance FROM accounts WHERE id = %s', (i,))\n"
        "    b = cur.fetchone()[0]\n"
        "    cur.execute('UPDATE accounts SET balance = %s WHERE id = %s', (b - n, i))  #! ADV-006"
    ),
    # near misses
    DJANGO + "def f(pk):\n    item = Item.objects.get(pk=pk)\n    item.stock = F('stock') - 1\n    item.save()",
    DJANGO + "def f(pk):\n    Item.objects.filter(pk=pk).update(stock=F('stock') - 1)",
    DJANGO
    + (
        "@transaction.atomic\ndef f(pk):\n"
        "    item = Item.objects.select_for_update().get(pk=pk)\n    item.stock -= 1\n"
        "    item.save()"
    ),
    DJANGO
    + (
        "def f(pk):\n    with transaction.atomic():\n        item = Item.objects.get(pk=pk)\n"
        "        item.stock -= 1\n        item.save()"
    ),
    DJANGO + "def f(pk):\n    item = Item.objects.get(pk=pk)\n    item.name = 'x'\n    item.save()",
    DJANGO + "def f():\n    item = Item(stock=1)\n    item.stock += 1\n    item.save()",
    DJANGO + "def f(pk):\n    item = Item.objects.get(pk=pk)\n    item.stock -= 1\n    return item",
    "class Row:\n    def bump(self):\n        self.n += 1",
    ALCHEMY + "def f(db, i, n):\n    a = db.get(Account, i, with_for_update=True)\n    a.balance -= n\n    db.commit()",
    ALCHEMY
    + "def f(db, i, n):\n    a = db.query(Account).with_for_update().get(i)\n    a.balance -= n\n    db.commit()",
    ALCHEMY + "def f(db, i, n):\n    a = db.get(Account, i)\n    a.balance = Account.balance - n\n    db.commit()",
    ALCHEMY
    + (
        "def f(db, i, n):\n"
        "    db.execute(update(Account).where(Account.id == "
        "i).values(balance=Account.balance - n))\n    db.commit()"
    ),
    ALCHEMY + "def f(db, i, n):\n    with db.begin():\n        a = db.get(Account, i)\n        a.balance -= n",
    ALCHEMY + "def f(db, i):\n    a = db.get(Account, i)\n    a.name = 'x'\n    db.commit()",
    ALCHEMY
    + (
        "class Account(Base):\n    __mapper_args__ = {'version_id_col': v}\n"
        "def f(db, i, n):\n    a = db.get(Account, i)\n    a.balance -= n\n    db.commit()"
    ),
    REDIS + "def f(k):\n    r.incr(k)",
    REDIS + "def f(k):\n    v = r.get(k)\n    if v is None:\n        v = load(k)\n        r.set(k, v)\n    return v",
    REDIS
    + "def f(k):\n    v = r.get(k)\n    if v:\n        return v\n    v = load(k)\n    r.set(k, v, ex=60)\n    return v",
    REDIS + "def f(k):\n    if r.get(k):\n        return False\n    return r.set(k, 1, nx=True)",
    REDIS + "def f(k):\n    with r.lock('x'):\n        n = int(r.get(k))\n        r.set(k, n + 1)",
    REDIS + "def f(k, j):\n    n = int(r.get(k))\n    r.set(j, n + 1)",
    MONGO
    + (
        "def f(i):\n    d = db.items.find_one({'_id': i})\n"
        "    db.items.update_one({'_id': i}, {'$inc': {'n': 1}})\n    return d"
    ),
    MONGO
    + "def f(i):\n    d = db.items.find_one({'_id': i})\n    db.items.update_one({'_id': i}, {'$set': {'name': 'x'}})",
    MONGO
    + (
        "def f(i):\n    d = db.items.find_one({'_id': i})\n"
        "    db.items.update_one({'_id': d['_id'], 'v': d['v']}, {'$set': {'n': d['n'] + 1}})"
    ),
    "def f(cur, i, n):\n    cur.execute('UPDATE accounts SET balance = balance - %s WHERE id = %s', (n, i))",
    (
        "def f(cur, i, n):\n"
        "    cur.execute('SELECT balance FROM accounts WHERE id = %s FOR UPDATE', (i,))\n"
        "    b = cur.fetchone()[0]\n"
        "    cur.execute('UPDATE accounts SET balance = %s WHERE id = %s', (b - n, i))"
    ),
]


@pytest.mark.parametrize("text", ROWS)
def test_rows(samples, text):
    """ADV-006 finds rows, documents and keys that are written with what was computed from an older read."""
    samples.check(text, "ADV-006")


FILES = [
    (
        "import os\ndef f(p):\n    if not os.path.exists(p):\n"
        "        with open(p, 'w') as s:  #! ADV-006\n            s.write('x')"
    ),
    "import os\ndef f(p):\n    if not os.path.exists(p):\n        os.makedirs(p)  #! ADV-006",
    "def f(path):\n    if not path.exists():\n        path.mkdir()  #! ADV-006",
    "def f(path):\n    if not path.exists():\n        path.write_text('x')  #! ADV-006",
    # near misses
    "import os\ndef f(p):\n    if os.path.exists(p):\n        os.remove(p)",
    "def f(path):\n    if path.exists():\n        path.unlink()",
    "import os\ndef f(p):\n    os.makedirs(p, exist_ok=True)",
    "import os\ndef f(p):\n    if not os.path.exists(p):\n        os.makedirs(p, exist_ok=True)",
    "import os\ndef f(p):\n    if os.path.exists(p):\n        with open(p) as s:\n            return s.read()",
    (
        "import os\ndef f(p):\n    try:\n        if os.path.exists(p):\n"
        "            os.remove(p)\n    except OSError:\n        log()"
    ),
    "def f(p):\n    if not p.exists():\n        with p.open('x') as s:\n            s.write('x')",
    "import os\nif not os.path.exists(p):\n    os.makedirs(p)",
    "import os\ndef f(p, q):\n    if os.path.exists(p):\n        os.remove(q)",
    "def f(path):\n    if path.exists():\n        path.unlink(missing_ok=True)",
]


@pytest.mark.parametrize("text", FILES)
def test_files(samples, text):
    """ADV-006 finds files that are asked for and then made or removed."""
    samples.check(text, "ADV-006")
