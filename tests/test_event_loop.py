"""The suite runs on the loop that the program runs on (that nothing chooses another is a rule of ruff's, in pyproject.toml)."""

import asyncio

from bot import event_loop


async def test_tests_run_on_the_loop_of_the_program() -> None:
    chosen = event_loop.new_event_loop()
    chosen.close()

    assert type(asyncio.get_running_loop()) is type(chosen)


def test_commands_run_on_it_too() -> None:
    async def loop_of_a_command() -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    assert type(event_loop.run(loop_of_a_command())).__module__.startswith("uvloop")
