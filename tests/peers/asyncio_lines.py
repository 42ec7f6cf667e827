"""A line server on asyncio: each line comes back in capitals, after a moment's work.

Run: python3 asyncio_lines.py [ADDRESS]    (default 127.0.0.1:5050)
"""

import asyncio

import family


class Lines(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.rest = transport, b""

    def data_received(self, data):
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            # The answer comes later, as from a program that asks a database. Kept as it is by default:
            # when the client has ended its half, asyncio closes, and answers to come are lost.
            answer = line.upper() + b"\n"
            asyncio.get_running_loop().call_later(0.01, self.transport.write, answer)


async def main():
    listener = family.listen_stream(family.argument("127.0.0.1:5050"), backlog=128)
    server = await asyncio.get_running_loop().create_server(Lines, sock=listener)
    family.announce(listener)
    await server.serve_forever()


asyncio.run(main())
