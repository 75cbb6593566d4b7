import { createSocket } from "node:dgram";
import { type AddressInfo, createServer } from "node:net";
import { expect, it } from "vitest";
import { tellListenerErrors } from "./listener-errors.ts";

it("tells of every error of a listener, and of none that keeps it from listening", async () => {
  const told: string[] = [];
  const server = createServer();
  const socket = createSocket("udp4");
  for (const listener of [server, socket]) tellListenerErrors(listener, (problem) => told.push(problem));
  const refused = new Promise((resolve) => server.once("error", resolve));
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", () => resolve()));
  server.listen((other.address() as AddressInfo).port, "127.0.0.1");
  await refused;
  other.close();
  expect(told).toEqual([]);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", () => resolve()));
  for (const problem of ["accept EMFILE", "accept ENFILE"]) server.emit("error", new Error(problem));
  for (const problem of ["recvmsg ENOMEM", "recvmsg ENOMEM"]) socket.emit("error", new Error(problem));
  expect(told).toEqual(["accept EMFILE", "accept ENFILE", "recvmsg ENOMEM", "recvmsg ENOMEM"]);
  server.close();
  socket.close();
});
