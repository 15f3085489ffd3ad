"""An event loop in a thread of its own: answers come in while the caller writes down those before."""

import asyncio
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Thread

if sys.platform == "win32":
    from asyncio import new_event_loop
else:
    from uvloop import new_event_loop


@contextmanager
def background_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Yield a running loop; at the end every task that is left is cancelled, and the thread is gone."""
    begun: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def until_stopped() -> None:
        stopped = asyncio.Event()
        begun.set_result((asyncio.get_running_loop(), stopped))
        await stopped.wait()

    def run() -> None:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(until_stopped())

    thread = Thread(target=run, name="collection")
    thread.start()
    loop, stopped = begun.result()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join()
