"""ADV-001 over brokers: systems of services, with a mark at each line that is a finding."""

from __future__ import annotations

import pytest
from sample_text import marked, split_systems

from pytest_superteam.scanners.base import ScanTarget
from pytest_superteam.scanners.registry import builtin_scanners
from pytest_superteam.scanners.run import scan_target


def check(tmp_path, files, code="ADV-001", **options):
    """Compare the findings of `code` in a system, whose services are the first folders, with the marks in its files."""
    names = sorted({path.split("/")[0] for path in files if "/" in path})
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    members = tuple(ScanTarget(name, tmp_path / name) for name in names)
    target = ScanTarget("system", tmp_path, members=members, **options)
    found = scan_target(target, builtin_scanners(), {code})[code]
    assert sorted((v.file, v.line) for v in found) == marked(files, code)


REDIS = "import redis\nr = redis.Redis()\n"
PUBSUB = REDIS + "p = r.pubsub()\n"

PYTHON = split_systems(r"""
== a/a.py
import redis
r = redis.Redis()
r.publish('order.placed', b'')  #! ADV-001
== b/b.py
import redis
r = redis.Redis()
p = r.pubsub()
p.subscribe('order_placed')  #! ADV-001
----
== a/a.py
import redis
r = redis.Redis()
r.publish('order.placed', b'')
== b/b.py
import redis
r = redis.Redis()
p = r.pubsub()
p.subscribe('order.placed')
----
== a/a.py
import redis
r = redis.Redis()
r.publish('order.placed', b'')
== b/b.py
import redis
r = redis.Redis()
p = r.pubsub()
p.psubscribe('order.*')
----
== a/a.py
import redis
r = redis.Redis()
r.publish('pay.taken', b'')  #! ADV-001
== b/b.py
import redis
r = redis.Redis()
p = r.pubsub()
p.psubscribe('order.*')  #! ADV-001
----
== a/a.py
import redis
r = redis.Redis()
CH = 'x.y'
r.publish(CH, b'')
== b/b.py
import redis
r = redis.Redis()
p = r.pubsub()
p.subscribe(**{'x.y': handle})
----
== a/a.py
import redis
r = redis.Redis()
r.publish(channel_of(x), b'')
== b/b.py
import redis
r = redis.Redis()
p = r.pubsub()
p.subscribe('x.y')
----
== a/a.py
import redis
r = redis.Redis()
r.publish('x.y', b'')
== b/b.py
import redis
r = redis.Redis()
p = r.pubsub()
def f(names):
    p.subscribe(*names)
----
== a/a.py
import redis
r = redis.Redis()
r.publish(f'user:{uid}', b'')
== b/b.py
import redis
r = redis.Redis()
p = r.pubsub()
p.psubscribe('user:*')
----
== a/a.py
import redis
r = redis.Redis()
r.publish(f'user:{uid}', b'')
== b/b.py
import redis
r = redis.Redis()
p = r.pubsub()
p.subscribe('order')  #! ADV-001
----
== a/a.py
import redis
r = redis.Redis()
def send(ch, m):
    r.publish(ch, m)
def f():
    send('gone', 1)  #! ADV-001
----
== a/a.py
import redis
r = redis.Redis()
r.xadd('orders', {})
== b/b.py
import redis
r = redis.Redis()
r.xreadgroup('g', 'c', {'orders': '>'})
----
== a/a.py
import redis
r = redis.Redis()
r.xadd('orders', {})  #! ADV-001
== b/b.py
import redis
r = redis.Redis()
r.xread({'payments': 0})  #! ADV-001
----
== a/a.py
import redis
r = redis.Redis()
r.xadd('orders', {})  #! ADV-001
== b/b.py
import redis
r = redis.Redis()
p = r.pubsub()
p.subscribe('orders')  #! ADV-001
----
== a/a.py
import redis.asyncio as redis
class Bus:
    def __init__(self):
        self.r = redis.from_url(u)
    async def f(self):
        await self.r.publish('a.b', 1)  #! ADV-001
----
== a/a.py
from kafka import KafkaProducer
p = KafkaProducer()
p.send('orders', b'')
== b/b.py
from kafka import KafkaConsumer
c = KafkaConsumer('orders', group_id='g')
----
== a/a.py
from kafka import KafkaProducer
p = KafkaProducer()
p.send('orders', b'')  #! ADV-001
== b/b.py
from kafka import KafkaConsumer
c = KafkaConsumer('order')  #! ADV-001
----
== a/a.py
from kafka import KafkaProducer
p = KafkaProducer()
p.send(topic='orders', value=b'')
== b/b.py
from kafka import KafkaConsumer
c = KafkaConsumer()
c.subscribe(pattern='^ord.*')
----
== a/a.py
from confluent_kafka import Producer
p = Producer({})
p.produce('orders', b'')
== b/b.py
from confluent_kafka import Consumer
c = Consumer({})
TOPICS = ['orders', 'pays']
c.subscribe(TOPICS)  #! ADV-001
----
== a/a.py
from aiokafka import AIOKafkaProducer
async def f():
    p = AIOKafkaProducer()
    await p.send_and_wait('orders', b'')
== b/b.py
from aiokafka import AIOKafkaConsumer
c = AIOKafkaConsumer('orders', bootstrap_servers='k')
----
== a/topics.py
class Topics:
    ORDERS = 'orders.v1'
== a/a.py
from kafka import KafkaProducer
p = KafkaProducer()
from topics import Topics
p.send(Topics.ORDERS, b'')
== b/b.py
from kafka import KafkaConsumer
import os
c = KafkaConsumer(os.getenv('T', 'orders.v1'))
----
== a/a.py
from kafka import KafkaProducer
p = KafkaProducer()
from enum import Enum
class T(str, Enum):
    O = 'orders'
p.send(T.O.value, b'')  #! ADV-001
== b/b.py
from kafka import KafkaConsumer
c = KafkaConsumer('other')  #! ADV-001
----
== a/a.py
import pika
ch = pika.BlockingConnection().channel()
ch.basic_publish(exchange='', routing_key='q1', body=b'')
== b/b.py
import pika
ch = pika.BlockingConnection().channel()
ch.basic_consume(queue='q1', on_message_callback=f)
----
== a/a.py
import pika
ch = pika.BlockingConnection().channel()
ch.basic_publish('', 'q1', b'')  #! ADV-001
== b/b.py
import pika
ch = pika.BlockingConnection().channel()
ch.queue_declare('q2')
ch.basic_consume('q2', f)  #! ADV-001
----
== a/a.py
import pika
ch = pika.BlockingConnection().channel()
ch.basic_publish(exchange='orders', routing_key='order.created.eu', body=b'')
== b/b.py
import pika
ch = pika.BlockingConnection().channel()
ch.queue_bind(exchange='orders', queue='q', routing_key='order.created.*')
ch.basic_consume('q', f)
----
== a/a.py
import pika
ch = pika.BlockingConnection().channel()
ch.basic_publish(exchange='orders', routing_key='order.created', body=b'')  #! ADV-001
== b/b.py
import pika
ch = pika.BlockingConnection().channel()
ch.queue_bind(exchange='orders', queue='q', routing_key='order.paid')  #! ADV-001
ch.basic_consume('q', f)
----
== a/a.py
import pika
ch = pika.BlockingConnection().channel()
ch.exchange_declare('logs', exchange_type='fanout')
ch.basic_publish(exchange='logs', routing_key='', body=b'')
== b/b.py
import pika
ch = pika.BlockingConnection().channel()
ch.exchange_declare(exchange='logs', exchange_type='fanout')
ch.queue_bind(exchange='logs', queue=n)
ch.basic_consume(queue=n, on_message_callback=f)
----
== a/a.py
import aio_pika
async def f():
    ch = await (await aio_pika.connect(u)).channel()
    ex = await ch.declare_exchange('shop', aio_pika.ExchangeType.TOPIC)
    await ex.publish(m, routing_key='a.b')
== b/b.py
import aio_pika
async def f():
    ch = await (await aio_pika.connect(u)).channel()
    q = await ch.declare_queue('q')
    await q.bind('shop', routing_key='a.#')
    await q.consume(g)
----
== a/a.py
import nats
async def f():
    nc = await nats.connect()
    await nc.publish('a.b.c', b'')
== b/b.py
import nats
async def f():
    nc = await nats.connect()
    await nc.subscribe('a.>', cb=g)
----
== a/a.py
import nats
async def f():
    nc = await nats.connect()
    await nc.publish('a.b.c', b'')  #! ADV-001
== b/b.py
import nats
async def f():
    nc = await nats.connect()
    await nc.subscribe('a.*', cb=g)  #! ADV-001
----
== a/a.py
from celery import Celery, shared_task
app = Celery('x')
@app.task
def mail(x): ...
def f():
    mail.delay(1)
----
== a/a.py
from celery import Celery, shared_task
app = Celery('x')
@app.task  #! ADV-001
def mail(x): ...
----
== a/a.py
from celery import Celery, shared_task
app = Celery('x')
@app.task(name='a.mail')
def mail(x): ...
== b/b.py
from celery import Celery, shared_task
app = Celery('x')
app.send_task('a.mail', args=[1])
----
== a/a.py
from celery import Celery, shared_task
app = Celery('x')
@shared_task(name='a.mail')  #! ADV-001
def mail(x): ...
== b/b.py
from celery import Celery, shared_task
app = Celery('x')
app.send_task('a.email')  #! ADV-001
----
== a/tasks.py
from celery import Celery, shared_task
app = Celery('x')
@app.task
def clean(): ...
== a/conf.py
beat_schedule = {'c': {'task': 'tasks.clean', 'schedule': 3}}
----
== a/a.py
from celery import Celery, shared_task
app = Celery('x')
@app.task
def clean(): ...
@app.on_after_configure.connect
def s(sender, **k):
    sender.add_periodic_task(3, clean.s())
----
== a/a.py
import redis
r = redis.Redis()
r.publish('x', 1)
== b/main.go
sub := rdb.Subscribe(ctx, "x")
----
== a/a.py
import redis
r = redis.Redis()
# r.publish('x', 1)
TEXT = "r.publish('x', 1)"
----
== a/a.py
import redis
r = redis.Redis()
r.get('x')
r.set('y', 1)
r.lpush('z', 1)
""")

JAVASCRIPT = split_systems(r"""
== a/a.js
const { Kafka } = require('kafkajs');
const kafka = new Kafka({});
const producer = kafka.producer();
const consumer = kafka.consumer({ groupId: 'g' });
await producer.send({ topic: 'orders', messages: [] });
== b/b.js
const { Kafka } = require('kafkajs');
const kafka = new Kafka({});
const producer = kafka.producer();
const consumer = kafka.consumer({ groupId: 'g' });
await consumer.subscribe({ topic: 'orders', fromBeginning: true });
----
== a/a.js
const { Kafka } = require('kafkajs');
const kafka = new Kafka({});
const producer = kafka.producer();
const consumer = kafka.consumer({ groupId: 'g' });
await producer.send({ topic: 'orders', messages: [] });  //! ADV-001
== b/b.js
const { Kafka } = require('kafkajs');
const kafka = new Kafka({});
const producer = kafka.producer();
const consumer = kafka.consumer({ groupId: 'g' });
await consumer.subscribe({ topics: ['order'] });  //! ADV-001
----
== a/a.js
const { Kafka } = require('kafkajs');
const kafka = new Kafka({});
const producer = kafka.producer();
const consumer = kafka.consumer({ groupId: 'g' });
await producer.send({ topic: 'orders-eu', messages: [] });
== b/b.js
const { Kafka } = require('kafkajs');
const kafka = new Kafka({});
const producer = kafka.producer();
const consumer = kafka.consumer({ groupId: 'g' });
await consumer.subscribe({ topic: /orders-.*/ });
----
== a/a.js
const { Kafka } = require('kafkajs');
const kafka = new Kafka({});
const producer = kafka.producer();
const consumer = kafka.consumer({ groupId: 'g' });
await producer.sendBatch({ topicMessages: [{ topic: 'a1', messages }, { topic: 'b1', messages }] });
== b/b.js
const { Kafka } = require('kafkajs');
const kafka = new Kafka({});
const producer = kafka.producer();
const consumer = kafka.consumer({ groupId: 'g' });
consumer.subscribe({ topics: ['a1', 'b1'] });
----
== a/a.js
const { Kafka } = require('kafkajs');
const kafka = new Kafka({});
const producer = kafka.producer();
const consumer = kafka.consumer({ groupId: 'g' });
const T = 'orders';
producer.send({ topic: T, messages });
== b/b.py
from kafka import KafkaConsumer
c = KafkaConsumer('orders')
----
== a/a.js
const { Kafka } = require('kafkajs');
const kafka = new Kafka({});
const producer = kafka.producer();
const consumer = kafka.consumer({ groupId: 'g' });
producer.send({ topic: process.env.TOPIC, messages });
== b/b.js
const { Kafka } = require('kafkajs');
const kafka = new Kafka({});
const producer = kafka.producer();
const consumer = kafka.consumer({ groupId: 'g' });
consumer.subscribe({ topic: 'orders' });
----
== a/topics.ts
export enum Topics { Orders = 'orders', Pays = 'pays' }
== a/a.ts
import { Topics } from './topics';
const { Kafka } = require('kafkajs');
const kafka = new Kafka({});
const producer = kafka.producer();
const consumer = kafka.consumer({ groupId: 'g' });
producer.send({ topic: Topics.Orders, messages });  //! ADV-001
----
== a/a.js
const Redis = require('ioredis');
const pub = new Redis();
pub.publish('a.b', '1');
== b/b.js
const Redis = require('ioredis');
const sub = new Redis();
sub.subscribe('a.b', 'c.d');  //! ADV-001
----
== a/a.js
import { createClient } from 'redis';
const c = createClient();
await c.publish('a.b', '1');
== b/b.js
import { createClient } from 'redis';
const s = createClient().duplicate();
await s.pSubscribe('a.*', (m) => {});
----
== a/a.js
import Redis from 'ioredis';
const r = new Redis();
r.xadd('s1', '*', 'k', 'v');
== b/b.js
import Redis from 'ioredis';
const r = new Redis();
r.xreadgroup('GROUP', 'g', 'c', 'STREAMS', 's1', '>');
----
== a/a.js
const amqp = require('amqplib');
const conn = await amqp.connect(u);
const ch = await conn.createChannel();
ch.sendToQueue('q1', Buffer.from(''));
== b/b.js
const amqp = require('amqplib');
const conn = await amqp.connect(u);
const ch = await conn.createChannel();
ch.consume('q1', f);
----
== a/a.js
const amqp = require('amqplib');
const conn = await amqp.connect(u);
const ch = await conn.createChannel();
ch.sendToQueue('q1', Buffer.from(''));  //! ADV-001
== b/b.js
const amqp = require('amqplib');
const conn = await amqp.connect(u);
const ch = await conn.createChannel();
ch.consume('q2', f);  //! ADV-001
----
== a/a.js
const amqp = require('amqplib');
const conn = await amqp.connect(u);
const ch = await conn.createChannel();
ch.publish('shop', 'order.created', b);
== b/b.js
const amqp = require('amqplib');
const conn = await amqp.connect(u);
const ch = await conn.createChannel();
const q = await ch.assertQueue('mail');
ch.bindQueue(q.queue, 'shop', 'order.*');
ch.consume(q.queue, f);
----
== a/a.js
const amqp = require('amqplib');
const conn = await amqp.connect(u);
const ch = await conn.createChannel();
ch.publish('shop', 'order.created', b);  //! ADV-001
== b/b.js
const amqp = require('amqplib');
const conn = await amqp.connect(u);
const ch = await conn.createChannel();
ch.bindQueue('q', 'shop', 'user.*');  //! ADV-001
ch.consume('q', f);
----
== a/a.js
const amqp = require('amqplib');
const conn = await amqp.connect(u);
const ch = await conn.createChannel();
ch.assertExchange('logs', 'fanout');
ch.publish('logs', '', b);
== b/b.js
const amqp = require('amqplib');
const conn = await amqp.connect(u);
const ch = await conn.createChannel();
ch.assertExchange('logs', 'fanout');
ch.bindQueue(q, 'logs', '');
----
== a/a.ts
import { connect } from 'nats';
const nc = await connect();
nc.publish('a.b', d);
== b/b.ts
import { connect } from 'nats';
const nc = await connect();
const s = nc.subscribe('a.*');
----
== a/a.js
const EventEmitter = require('events');
const bus = new EventEmitter();
bus.emit('saved', 1);
bus.on('saved', f);
----
== a/a.js
const { EventEmitter } = require('node:events');
const bus = new EventEmitter();
bus.emit('saved', 1);  //! ADV-001
bus.on('gone', f);  //! ADV-001
bus.on('error', f);
----
== a/bus.js
const EventEmitter = require('events');
module.exports = new EventEmitter();
== a/a.js
const bus = require('./bus');
bus.emit('saved');
== a/b.js
const bus = require('./bus');
bus.on('saved', f);
----
== a/a.js
const EventEmitter = require('events');
new EventEmitter().emit('x');  //! ADV-001
== b/b.js
const EventEmitter = require('events');
new EventEmitter().on('x', f);  //! ADV-001
----
== a/a.ts
import { EventEmitter } from 'events';
export class Orders extends EventEmitter {
  place() { this.emit('placed'); }
}
const o = new Orders();
o.on('placed', f);
----
== a/a.ts
import { EventEmitter } from 'events';
export class Orders extends EventEmitter {
  place() { this.emit('placed'); }  //! ADV-001
}
----
== a/a.js
process.on('exit', f);
server.on('listening', f);
worker.on('failed', f);
socket.on('chat', f);
stream.on('data', f);
----
== a/a.ts
import { EventEmitter2 } from '@nestjs/event-emitter';
class S {
  constructor(private events: EventEmitter2) {}
  f() { this.events.emit('order.created', {}); }
}
== a/b.ts
import { OnEvent } from '@nestjs/event-emitter';
class L {
  @OnEvent('order.*')
  f() {}
}
----
== a/a.ts
import { EventEmitter2 } from '@nestjs/event-emitter';
class S {
  constructor(private events: EventEmitter2) {}
  f() { this.events.emit('order.created', {}); }  //! ADV-001
}
== a/b.ts
import { OnEvent } from '@nestjs/event-emitter';
class L {
  @OnEvent('order.deleted')  //! ADV-001
  f() {}
}
----
== a/a.ts
import { ClientProxy } from '@nestjs/microservices';
class S {
  constructor(@Inject('X') private client: ClientProxy) {}
  f() { this.client.emit('order_created', {}); this.client.send({ cmd: 'sum' }, []); }
}
== b/b.ts
import { EventPattern, MessagePattern } from '@nestjs/microservices';
@Controller()
class C {
  @EventPattern('order_created')
  f() {}
  @MessagePattern({ cmd: 'sum' })
  g() {}
}
----
== a/a.ts
import { ClientKafka } from '@nestjs/microservices';
class S {
  constructor(private client: ClientKafka) {}
  f() { this.client.emit('order_created', {}); }  //! ADV-001
}
== b/b.ts
import { EventPattern } from '@nestjs/microservices';
class C {
  @EventPattern('order.created')  //! ADV-001
  f() {}
}
----
== a/a.ts
import { Queue } from 'bullmq';
const q = new Queue('mail');
await q.add('send', {});
== b/b.ts
import { Worker } from 'bullmq';
const w = new Worker('mail', async (job) => {});
w.on('failed', f);
----
== a/a.ts
import { Queue } from 'bullmq';
const q = new Queue('mail');
await q.add('send', {});  //! ADV-001
== b/b.ts
import { Worker } from 'bullmq';
new Worker('mails', async (job) => {});  //! ADV-001
----
== a/a.js
const Queue = require('bull');
const q = new Queue('mail', u);
q.add({});
q.process(f);
----
== a/a.ts
import { InjectQueue } from '@nestjs/bull';
import { Queue } from 'bull';
class S {
  constructor(@InjectQueue('audio') private readonly queue: Queue) {}
  f() { return this.queue.add('x', {}); }
}
== a/b.ts
import { Processor, Process } from '@nestjs/bull';
@Processor('audio')
export class P {
  @Process('x')
  f() {}
}
""")


MIXED = split_systems(r"""
== orders/bus.py
import json
import redis.asyncio as aioredis
class EventBus:
    def __init__(self, url):
        self._redis = aioredis.from_url(url)
    async def publish(self, channel: str, payload: dict):
        await self._redis.publish(channel, json.dumps(payload))
bus = EventBus("redis://r")
== orders/api.py
from bus import bus
async def create():
    await bus.publish("orders.created", {})
    await bus.publish("orders.archived", {})  #! ADV-001
== mail/worker.py
import redis.asyncio as aioredis
async def main():
    r = aioredis.from_url("redis://r")
    ps = r.pubsub()
    await ps.subscribe("orders.created")
----
== a/consumer.py
import pika
QUEUE = "emails"
def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("rabbit"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.basic_consume(queue=QUEUE, on_message_callback=cb, auto_ack=True)
    channel.start_consuming()
== b/producer.js
const amqp = require('amqplib/callback_api');
amqp.connect('amqp://r', (e, conn) => {
  conn.createChannel((err, channel) => {
    const queue = 'emails';
    channel.assertQueue(queue);
    channel.sendToQueue(queue, Buffer.from('x'));
  });
});
----
== a/consumer.py
import pika
def main(channel):
    channel.queue_declare(queue="invoices")
    channel.basic_consume(queue="invoices", on_message_callback=cb)  #! ADV-001
== b/producer.js
const amqp = require('amqplib');
async function go() {
  const connection = await amqp.connect('amqp://r');
  const channel = await connection.createChannel();
  channel.sendToQueue('invoice', Buffer.from('x'));  //! ADV-001
}
----
== a/app.py
from celery import Celery
celery_app = Celery("a", broker="redis://r")
@celery_app.task(name="reports.build", bind=True, max_retries=3)
def build(self, id): ...
@celery_app.task(name="reports.never")  #! ADV-001
def unused(id): ...
@celery_app.task
def chained(x): ...
def route():
    (build.s(1) | chained.s()).apply_async()
----
== a/app.py
from celery import shared_task
@shared_task  #! ADV-001
def lonely():
    pass
@shared_task
def used():
    pass
== a/views.py
from app import used
def v():
    used.apply_async(args=[1], countdown=3)
----
== a/app.py
from celery import Celery
from celery.schedules import crontab
app = Celery("a")
app.conf.beat_schedule = {
    "nightly": {"task": "app.nightly", "schedule": crontab(hour=1)},
}
@app.task
def nightly(): ...
----
== a/app.py
from django.dispatch import receiver
from django.db.models.signals import post_save
@receiver(post_save)
def f(sender, **kw): ...
import signal
signal.signal(signal.SIGTERM, f)
app.add_event_handler("startup", f)
----
== a/events.ts
export const EVENTS = { USER_CREATED: 'user.created', USER_GONE: 'user.gone' } as const;
== a/svc.ts
import { EventEmitter2 } from '@nestjs/event-emitter';
import { EVENTS } from './events';
export class S {
  constructor(private readonly emitter: EventEmitter2) {}
  a() { this.emitter.emit(EVENTS.USER_CREATED, {}); }
  b() { this.emitter.emitAsync(EVENTS.USER_GONE, {}); }  //! ADV-001
}
== a/l.ts
import { OnEvent } from '@nestjs/event-emitter';
import { EVENTS } from './events';
export class L {
  @OnEvent(EVENTS.USER_CREATED, { async: true })
  f() {}
}
----
== a/p.ts
import { Kafka, Partitioners } from 'kafkajs';
export class Producer {
  private producer = new Kafka({ brokers: ['k'] }).producer();
  async send(topic: string, value: unknown) {
    await this.producer.send({ topic, messages: [{ value: JSON.stringify(value) }] });
  }
}
== a/u.ts
import { Producer } from './p';
const p = new Producer();
export const f = () => p.send('payments', {});
export const g = () => p.send('refunds', {});  //! ADV-001
== b/c.py
from confluent_kafka import Consumer
c = Consumer({"group.id": "x"})
c.subscribe(["payments"])
while True:
    m = c.poll(1.0)
----
== a/a.py
import os
from kafka import KafkaConsumer
consumer = KafkaConsumer(os.environ["TOPIC"], bootstrap_servers="k")
== b/b.py
from kafka import KafkaProducer
p = KafkaProducer()
p.send("whatever", b"")
----
== a/a.py
from kafka import KafkaProducer
producer = KafkaProducer(value_serializer=dumps)
def emit(name, body):
    producer.send(f"shop.{name}", body)
== b/b.py
from kafka import KafkaConsumer
c = KafkaConsumer("shop.order", "warehouse.order")  #! ADV-001
----
== a/a.js
const { createClient } = require('redis');
const publisher = createClient();
async function notify(room, msg) {
  await publisher.publish(`room:${room}`, msg);
}
== b/b.js
const { createClient } = require('redis');
const sub = createClient();
await sub.subscribe('room:lobby', (m) => {});
await sub.subscribe('system', (m) => {});  //! ADV-001
----
== a/a.js
const { EventEmitter } = require('events');
class Job extends EventEmitter {
  run() { this.emit('done', 1); this.emit('progress', 2); }  //! ADV-001
}
== a/b.js
const { Job } = require('./a');
function watch(job) { job.on('done', () => {}); }
----
== a/a.ts
import { io } from './io';
io.emit('chat', {});
io.to('room').emit('x', {});
socket.on('message', f);
this.$emit('update');
----
== a/a.ts
import { EventEmitter, Output } from '@angular/core';
export class C { @Output() saved = new EventEmitter<string>(); f() { this.saved.emit('x'); } }
----
== a/main.ts
import { NatsConnection, connect, StringCodec } from 'nats';
const nc = await connect({ servers: 'n' });
nc.publish('orders.created', sc.encode('x'));
await nc.request('users.get', sc.encode('1'));  //! ADV-001
== b/main.py
import asyncio
from nats.aio.client import Client as NATS
async def run():
    nc = NATS()
    await nc.connect("n")
    await nc.subscribe("orders.*", cb=handler)
----
== a/a.py
import aio_pika
async def pub():
    connection = await aio_pika.connect_robust("amqp://r")
    async with connection:
        channel = await connection.channel()
        await channel.default_exchange.publish(aio_pika.Message(b"x"), routing_key="tasks")
== b/b.py
import aio_pika
async def sub():
    connection = await aio_pika.connect_robust("amqp://r")
    channel = await connection.channel()
    queue = await channel.declare_queue("tasks", durable=True)
    async with queue.iterator() as it:
        async for m in it:
            pass
----
== a/a.py
import aio_pika
async def pub(channel: aio_pika.abc.AbstractChannel):
    ex = await channel.declare_exchange("events", aio_pika.ExchangeType.TOPIC)
    await ex.publish(aio_pika.Message(b"x"), routing_key="user.created")  #! ADV-001
== b/b.py
import aio_pika
async def sub(channel: aio_pika.abc.AbstractChannel):
    ex = await channel.declare_exchange("events", aio_pika.ExchangeType.TOPIC)
    q = await channel.declare_queue("", exclusive=True)
    await q.bind(ex, routing_key="order.*")  #! ADV-001
----
== a/a.ts
import { Queue, FlowProducer } from 'bullmq';
export const emailQueue = new Queue('email', { connection });
export const deadQueue = new Queue('dead', { connection });
== a/b.ts
import { emailQueue, deadQueue } from './a';
await emailQueue.add('welcome', {}, { repeat: { every: 3 } });
await deadQueue.addBulk([{ name: 'x', data: {} }]);  //! ADV-001
== w/w.ts
import { Worker, QueueEvents } from 'bullmq';
const worker = new Worker('email', processor, { connection });
const ev = new QueueEvents('email');
ev.on('completed', () => {});
worker.on('completed', () => {});
----
== a/a.py
from faststream.kafka import KafkaBroker
broker = KafkaBroker("k")
@broker.subscriber("in")  #! ADV-001
async def h(m): ...
@broker.subscriber("mid")
async def g(m): ...
async def f():
    await broker.publish({}, "mid")
----
== a/a.py
import paho.mqtt.client as mqtt
client = mqtt.Client()
client.publish("sensors/kitchen/temp", 20)
client.publish("alarms/fire", 1)  #! ADV-001
== b/b.js
const mqtt = require('mqtt');
const client = mqtt.connect('mqtt://m');
client.subscribe('sensors/+/temp');
----
== a/a.py
publish_event("UserDeleted", {"id": 1})  #! ADV-001
publish_event("UserCreated", {"id": 1})
== b/b.py
@event_handler("UserCreated")
def f(e): ...
----
== a/a.py
import logging
logging.getLogger("x").addHandler(h)
blog.publish()
post.publish(now)
doc.emit(1)
queue.put("x")
cursor.execute("x")
""")


@pytest.mark.parametrize("files", [*PYTHON, *JAVASCRIPT, *MIXED])
def test_events_over_brokers(tmp_path, files):
    """ADV-001 finds what is published or consumed on one side only, broker by broker."""
    check(tmp_path, files)


def test_channels_of_asyncapi(tmp_path):
    """A channel that only the AsyncAPI document names is dead; one that code touches is not."""
    document = (
        "asyncapi: 2.6.0\nchannels:\n  order.placed:\n    publish: {}\n  order.gone:  #! ADV-001\n    publish: {}\n"
    )
    files = {
        "a/asyncapi.yaml": document,
        "a/a.py": REDIS + "r.publish('order.placed', 1)",
        "b/b.py": PUBSUB + "p.subscribe('order.placed')",
    }
    check(tmp_path, files)
