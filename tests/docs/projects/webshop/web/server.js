const express = require("express");
const cors = require("cors");

const app = express();
app.use(cors({ origin: "*", credentials: true }));

app.get("/health", (request, response) => response.json({ status: "up" }));

app.get("/orders", async (request, response) => {
  const answer = await fetch("http://orders:8001/orders");
  response.json(await answer.json());
});

app.listen(3000);
