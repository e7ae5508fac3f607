"""Good, bad and near-miss lines of LOG-004 and LOG-005 in JavaScript and TypeScript."""
# ruff: noqa: E501  # samples are lines as people write them

from __future__ import annotations

import pytest


def cases(text: str) -> list[str]:
    """Return the samples of a table, which stand between lines of three dashes."""
    return [case.strip("\n") for case in text.split("\n---\n")]


CONSOLE = [
    ("console.log('x');  //! LOG-004", "app.ts"),
    ("console.debug('x');  //! LOG-004", "app.js"),
    ("console.info('x', y);  //! LOG-004", "app.mjs"),
    ("globalThis.console.log('x');  //! LOG-004", "app.js"),
    ("window.console.log('x');  //! LOG-004", "app.js"),
    ("console['log']('x');  //! LOG-004", "app.js"),
    ("console.log.apply(console, rest);  //! LOG-004", "app.js"),
    ("console.info.call(console, 'x');  //! LOG-004", "app.js"),
    ("console.error.apply(console, rest);", "app.js"),
    ("console?.log('x');  //! LOG-004", "app.ts"),
    ("const { log } = console;\nlog('x');  //! LOG-004", "app.js"),
    ("const { log: print } = console;\nprint('x');  //! LOG-004", "app.js"),
    ("const log = console.log;\nlog('x');  //! LOG-004", "app.js"),
    ("const c = console;\nc.log('x');  //! LOG-004", "app.js"),
    ("const log = console.log.bind(console);\nlog('x');  //! LOG-004", "app.js"),
    ("function f() {\n  return console.log('x');  //! LOG-004\n}", "src/app.ts"),
    ("app.listen(3000, () => console.log('up'));  //! LOG-004", "server.js"),
    ("load().then(console.log);  //! LOG-004", "app.js"),
    ("class A {\n  m() {\n    console.log(  //! LOG-004\n      'x',\n    );\n  }\n}", "a.ts"),
    ("export const A = () => { console.log('x'); return <p/>; };  //! LOG-004", "src/A.tsx"),
    ("if (debug) console.log('x');  //! LOG-004", "app.js"),
    ("x && console.log(x);  //! LOG-004", "app.js"),
    (
        "const { program } = require('commander');\nconst express = require('express');\nconsole.log('x');  //! LOG-004",
        "app.js",
    ),
    # near misses
    ("console.error('x');\nconsole.warn('x');", "app.ts"),
    ("// console.log('x');", "app.ts"),
    ("const s = \"console.log('x')\";", "app.ts"),
    ("logger.log('x');\nlogger.info('x');", "app.ts"),
    ("import console from './logger';\nconsole.log('x');", "src/app.ts"),
    ("const console = createLogger();\nconsole.log('x');", "app.js"),
    ("console.log('x');", "scripts/seed.js"),
    ("console.log('x');", "bin/serve.js"),
    ("console.log('x');", "src/cli.ts"),
    ("console.log('x');", "gulpfile.js"),
    ("console.log('x');", "webpack.config.js"),
    ("console.log('x');", "app.test.ts"),
    ("#!/usr/bin/env node\nconsole.log('x');", "serve.js"),
    ("#!/usr/bin/env node\nconst e = require('express');\nconsole.log('x');  //! LOG-004", "app.js"),
    ("const { program } = require('commander');\nconsole.log('x');", "main.js"),
    ("import yargs from 'yargs';\nconsole.log('x');", "main.ts"),
    ("if (process.env.NODE_ENV !== 'production') {\n  console.log('x');\n}", "app.js"),
    ("if (require.main === module) {\n  console.log('x');\n}", "app.js"),
    ("console.logger('x');\nthis.console.log('x');\nmy.console.log('x');", "app.js"),
    ("log('x');", "app.js"),
    ("console.table(rows);\nconsole.time('x');", "app.js"),
    ("/* console.log('x') */", "app.js"),
]
SENSITIVE = cases(r"""
console.log(password);  //! LOG-005
---
logger.info('card', payment.card.number);  //! LOG-005
---
logger.info('scheme', req.headers.authorization.split(' ')[0]);
---
logger.info(`saved: ${saveCredentials}`);
---
logger.info(tokens.map((token) => token.text));
---
logger.info(i18n.password, tokens.connected);
---
console.log('password', password);  //! LOG-005
---
console.log(`password: ${password}`);  //! LOG-005
---
console.log('token: ' + token);  //! LOG-005
---
console.error('bad', user.password);  //! LOG-005
---
console.info({ user, password });  //! LOG-005
---
console.log({ user: u, password: p });  //! LOG-005
---
console.debug(req.headers.authorization);  //! LOG-005
---
console.log(req.headers['authorization']);  //! LOG-005
---
console.log(req.headers);  //! LOG-005
---
console.log('headers', JSON.stringify(req.headers));  //! LOG-005
---
console.log(req.get('Authorization'));  //! LOG-005
---
console.log(req.header('authorization'));  //! LOG-005
---
console.log(request.headers.get('authorization'));  //! LOG-005
---
console.log(req.cookies.session);  //! LOG-005
---
console.log(req.cookies);  //! LOG-005
---
const auth = req.headers.authorization;
logger.info('got ' + auth);  //! LOG-005
---
const { authorization } = req.headers;
logger.info(authorization);  //! LOG-005
---
const { password: p } = req.body;
logger.info(`got ${p}`);  //! LOG-005
---
const value = process.env.DB_PASSWORD;
logger.info('db', value);  //! LOG-005
---
logger.info(process.env.JWT_SECRET);  //! LOG-005
---
logger.info({ apiKey });  //! LOG-005
---
logger.info('login', { email, password: req.body.password });  //! LOG-005
---
logger.warn({ token: req.query.token }, 'bad token');  //! LOG-005
---
logger.debug(`card ${order.cardNumber}`);  //! LOG-005
---
logger.debug('cvv', payment.cvv);  //! LOG-005
---
logger.log('info', accessToken);  //! LOG-005
---
logger.log({ level: 'info', message: 'x', token });  //! LOG-005
---
this.logger.log(`token ${accessToken}`);  //! LOG-005
---
this.logger.debug(user.refreshToken);  //! LOG-005
---
Logger.log(clientSecret);  //! LOG-005
---
req.log.info({ password: body.password }, 'login');  //! LOG-005
---
request.log.info(request.headers);  //! LOG-005
---
fastify.log.info(`secret ${secret}`);  //! LOG-005
---
const debug = require('debug')('app');
debug('token %s', token);  //! LOG-005
---
const pino = require('pino');
const l = pino();
l.info(secretKey);  //! LOG-005
---
import winston from 'winston';
winston.info('key', privateKey);  //! LOG-005
---
const winston = require('winston');
const w = winston.createLogger();
w.info(apiKey);  //! LOG-005
---
const log4js = require('log4js');
const l = log4js.getLogger();
l.info(apiKey);  //! LOG-005
---
const { log } = console;
log(password);  //! LOG-005
---
logger.info(  //! LOG-005
  'x',
  password,
);
---
const msg = `token is ${token}`;
logger.info(msg);  //! LOG-005
---
const payload = { user, password };
logger.info(payload);  //! LOG-005
---
logger.info({ ...credentials });  //! LOG-005
---
app.post('/login', (req, res) => {
  console.log(req.body);  //! LOG-005
});
---
async function login(req, res) {
  console.log('body', req.body);  //! LOG-005
}
---
app.post('/x', (req, res) => {
  const { email, password } = req.body;
  console.log(req.body);  //! LOG-005
});
---
class A {
  @Post('login')
  go(@Body() dto: LoginDto) {
    this.logger.log(dto);  //! LOG-005
  }
}
---
const token = jwt.sign(payload, KEY);
console.log('issued', token);  //! LOG-005
---
const t = jwt.sign(payload, KEY);
console.log('issued', t);  //! LOG-005
---
console.log(await generateToken(user));  //! LOG-005
---
console.log(header.slice(7), token.slice(7));  //! LOG-005
---
console.log(token || 'none');  //! LOG-005
---
const headers = { Authorization: `Bearer ${t}` };
logger.debug('sending', headers);  //! LOG-005
---
const headers = {};
headers.Authorization = 'Bearer ' + t;
logger.debug(headers);  //! LOG-005
---
logger.info(config.get('JWT_SECRET'));  //! LOG-005
---
logger.info(users.map((u) => u.name), user?.password);  //! LOG-005
---
logger.error(new Error(`bad password ${password}`));  //! LOG-005
---
console.log('password changed');
---
console.log('password: hunter2');
---
console.log(`password changed for ${user.id}`);
---
logger.info('token type', tokenType);
---
logger.info('tokens used', tokenCount, usage.totalTokens);
---
logger.info('length', password.length);
---
logger.info('token', mask(token));
---
logger.info('token', maskToken(token), redact(req.headers));
---
logger.info('token', token.slice(0, 4) + '...');
---
logger.info('card ending', cardNumber.slice(-4));
---
logger.info('has token', !!token, Boolean(token));
---
logger.info('has token', token !== undefined);
---
logger.info('has token', token ? 'yes' : 'no');
---
logger.info('has token', token && 'yes');
---
logger.info({ password: '***' });
---
logger.info({ password: '[REDACTED]', hasPassword: !!password });
---
logger.info({ user, password: undefined });
---
logger.info('hash', passwordHash, hashedPassword);
---
logger.info('hash', bcrypt.hashSync(password, 10));
---
logger.info('valid', await bcrypt.compare(password, user.passwordHash));
---
logger.info('url', passwordResetUrl);
---
logger.info('key', message.key, partitionKey, keyId, publicKey);
---
logger.info('claims', jwt.verify(token, KEY).sub);
---
logger.info('user', token.userId, decoded.sub);
---
logger.info(req.headers['user-agent'], req.headers['content-type']);
---
logger.info(res.headers);
---
logger.info(req.cookies.theme);
---
app.post('/orders', (req, res) => {
  console.log(req.body);
});
---
const { password } = req.body;
logger.info('login');
---
Math.log(token);
blog.post(password);
catalog.log(secret);
---
// console.log(password);
---
const s = 'console.log(password)';
---
logger.info('grant', GrantType.PASSWORD);
---
for (const token of tokens) {
  logger.debug('parsed', token);
}
---
logger.info('next', nextPageToken);
---
try {
  check(password);
} catch (err) {
  logger.error('bad password', err);
}
---
logger.info('created', createUser(name, password).id);
---
function log(x) { return x; }
store(password);
---
logger.info(JSON.stringify(req.headers, redactor));
---
logger.info(password.replace(/./g, '*'));
---
logger.info('*'.repeat(password.length));
---
logger.info(typeof token);
---
logger.level = token;
logger.setLevel(secret);
---
logger.info('fields', ['password', 'token']);
---
import { tokenize } from './lexer';
logger.info(tokenize);
---
logger.info(crypto.createHash('sha256').update(token).digest('hex'));
---
logger.info('csrf', csrfToken, cancelToken);
""")


@pytest.mark.parametrize(("text", "path"), CONSOLE)
def test_console(samples, text, path):
    """LOG-004 finds console.log in service code, and leaves scripts and command-line tools their output."""
    samples.check(text, "LOG-004", path=path)


@pytest.mark.parametrize("text", SENSITIVE)
def test_sensitive_data(samples, text):
    """LOG-005 finds secrets among what a log call is given, not the words of its message."""
    samples.check(text, "LOG-005", path="src/app.ts")
