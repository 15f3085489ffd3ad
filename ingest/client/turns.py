"""The last requests of a budget: spent by one account after the other, which finishes what it has begun."""

import asyncio


class Turns:
    """Who may ask while requests are scarce: one account, until it is done.

    Side by side they would each begin a window, and none would have the requests to finish it: the run's
    budget would be gone for nothing, and in the next run again.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Condition()
        self._holder = ""

    async def turn(self, account_id: str) -> None:
        """Wait until no other account has its turn, and have it."""
        async with self._turn:
            await self._turn.wait_for(lambda: self._holder in ("", account_id))
            self._holder = account_id

    async def done(self, account_id: str) -> None:
        """Give the turn to the next that waits, if ``account_id`` has it."""
        async with self._turn:
            if self._holder == account_id:
                self._holder = ""
                self._turn.notify_all()
