"""Tries of builders: again and again where that may help, with hints, within their time, told how they stand."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from virtual import Act, Heard, MemoryAttempts, Scripted, Yard, fails

from pytest_superteam.builders.run import load_builds
from pytest_superteam.config_entries import RetryConfig
from pytest_superteam.errors import BuildError
from pytest_superteam.pipeline.fleet.stopping import Stopping


@pytest.fixture
def yard(tmp_path):
    """Return an empty folder and a clock at zero."""
    return Yard(tmp_path)


class Queue:
    """Keeps what waits for a person."""

    def __init__(self):
        self.open = {}

    def add(self, service, kind, reason, details):
        self.open[service] = (kind, reason, details)

    def resolve(self, service):
        self.open.pop(service, None)


def test_what_may_pass_is_tried_again(yard):
    """After an error that may pass the next try comes after a wait, with a hint, and its success is what counts."""
    builder = Scripted({"one": [fails("connection reset by peer"), fails("503 service unavailable")]})
    result = yard.run(builder, "one")["one"]
    assert (result.success, result.attempts, result.review) == (True, 3, "")
    assert [request.attempt for request in builder.requests] == [1, 2, 3]
    assert not builder.requests[0].hint
    assert all(request.hint for request in builder.requests[1:])
    first, second, third = builder.times
    assert 0.75 <= second - first - 1 <= 1
    assert 1.5 <= third - second - 1 <= 2


def test_what_does_not_pass_is_left_for_a_person(yard):
    """An error that no further try mends is not tried again; the others are built."""
    queue = Queue()
    builder = Scripted({"one": [fails("invalid API key", retryable=False)]})
    results = yard.run(builder, "one", "two", reviews=queue)
    assert builder.begun.count("one") == 1
    assert results["one"].error == "invalid API key"
    assert "would not help" in results["one"].review
    assert results["two"].success
    _, reason, details = queue.open["one"]
    assert reason == results["one"].review
    assert details["attempts"][0]["error"] == "invalid API key"


def test_tries_come_to_an_end(yard):
    """A service that fails in different ways is tried as often as the settings say, then left for a person."""
    builder = Scripted({"one": [fails("no nails"), fails("no wood"), fails("no glue"), fails("no hands")]})
    result = yard.run(builder, "one", retry=RetryConfig(attempts=4))["one"]
    assert builder.begun == ["one"] * 4
    assert (result.error, result.attempts) == ("no hands", 4)
    assert result.review.startswith("failed 4 times")


def test_the_same_error_again_and_again_is_stuck(yard):
    """Three times the same error, hints notwithstanding, and a person has to look, though tries are left."""
    builder = Scripted({"one": [fails("no nails in drawer 1")] * 9})
    queue = Queue()
    yard.run(builder, "one", retry=RetryConfig(attempts=9), reviews=queue)
    assert len(builder.begun) == 3
    assert queue.open["one"][0] == "same_error"


def test_a_platform_that_asks_for_time_gets_it(yard):
    """The wait that the other side asks for is kept, and nobody else is kept waiting by it."""
    builder = Scripted({"one": [fails("429", retry_after=120.0)], "two": [], "three": []})
    results = yard.run(builder, "one", "two", "three", build={"parallel": 1})
    assert all(result.success for result in results.values())
    assert builder.begun == ["one", "two", "three", "one"]
    assert 121 <= builder.times[-1] <= 122.1


def test_a_wait_that_is_too_long_is_not_waited(yard):
    """A wait beyond the longest allowed one leaves the service for later, with the time when it makes sense again."""
    queue = Queue()
    builder = Scripted({"one": [fails("429", retry_after=4000.0)]})
    result = yard.run(builder, "one", reviews=queue)["one"]
    assert "longest_wait" in result.review
    assert queue.open["one"][2]["retry_at"] == pytest.approx(1e9 + 4001)
    assert yard.clock.now < 10


def test_a_try_has_its_time(yard):
    """A try that takes longer than it may is cancelled; the next one may be quicker."""
    builder = Scripted({"one": [Act(seconds=1000)]})
    result = yard.run(builder, "one", build={"timeout": 60.0})["one"]
    assert (result.success, result.attempts) == (True, 2)
    assert builder.times[1] == pytest.approx(61, abs=1)


def test_silence_is_a_stall_and_words_are_none(yard):
    """A builder without a changed file or a word is cut off after the stall time; one that speaks goes on."""
    quiet, talks = Act(seconds=5000), Act(seconds=5000, says=100)
    builder = Scripted({"one": [quiet, quiet], "two": [talks]})
    attempts = MemoryAttempts()
    retry = RetryConfig(attempts=9, stall=600)
    results = yard.run(builder, "one", "two", attempts=attempts, retry=retry, build={"timeout": 1e6}, timeout=1e6)
    assert results["two"].success
    assert "stalled" in results["one"].review
    assert [tried.status for tried in attempts.of_run() if tried.service == "one"] == ["stalled", "stalled"]


def test_a_deaf_builder_is_left_behind(yard):
    """A builder that takes no notice of being cancelled costs its own try only, and that is told."""
    heard = Heard()
    builder = Scripted({"one": [Act(seconds=1e5, deaf=5)]})
    result = yard.run(builder, "one", "two", log=heard, build={"timeout": 10.0})["one"]
    assert result.success
    assert any("takes no notice" in event["message"] for event in heard.of("attempt"))


@pytest.mark.parametrize(
    "error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit(), RecursionError(), MemoryError()]
)
def test_whatever_a_builder_raises_is_its_failure(yard, error):
    """What would end the process ends one try."""
    builder = Scripted({"one": [Act(error=error)]})
    results = yard.run(builder, "one", "two", retry=RetryConfig(attempts=1))
    assert type(error).__name__ in results["one"].error
    assert results["two"].success


def test_a_builder_that_cancels_itself_has_failed(yard):
    """Cancellation that nobody asked for is a failure like others."""
    builder = Scripted({"one": [Act(error=asyncio.CancelledError())]})
    results = yard.run(builder, "one", "two", retry=RetryConfig(attempts=1))
    assert not results["one"].success
    assert results["two"].success


@pytest.mark.parametrize("output", [None, "python main.py", ("python",)])
def test_what_is_no_output_is_a_failure(yard, output):
    """A builder that returns something else than it promised has failed."""

    class Liar(Scripted):
        async def build(self, request):
            await super().build(request)
            return output

    result = yard.run(Liar(), "one", retry=RetryConfig(attempts=1))["one"]
    assert "no BuildOutput" in result.error


def test_a_success_on_the_way_out_counts(yard):
    """A builder that comes to its end while it is cancelled has built."""
    builder = Scripted({"one": [Act(seconds=11, deaf=9)]})
    result = yard.run(builder, "one", build={"timeout": 10.0})["one"]
    assert (result.success, result.attempts) == (True, 1)


def test_the_phase_has_its_time(yard):
    """When the time of the phase is over, what is at work is cut off and what waits is not begun; both are told."""
    builder = Scripted({name: [Act(seconds=400)] * 3 for name in ("one", "two", "three")})
    results = yard.run(builder, "one", "two", "three", timeout=500.0, build={"parallel": 1})
    assert [result.success for result in results.values()] == [True, False, False]
    assert "phase took longer than 500 s" in results["two"].error
    assert "phase took longer than 500 s" in results["three"].error
    assert builder.begun == ["one", "two"]
    assert load_builds(*_places(yard))["three"].error == results["three"].error


def _places(yard):
    return yard.folder / ".superteam/builds", yard.folder / "services"


def test_a_wish_to_stop_gives_grace(yard):
    """After a wish to stop nothing begins; what ends within its grace counts, the rest is cut off and not recorded."""
    stopping, attempts = Stopping(), MemoryAttempts()
    acts = {"one": [Act(seconds=25)], "two": [Act(seconds=500)], "three": [Act()]}

    class Stopped(Scripted):
        async def build(self, request):
            asyncio.get_running_loop().call_later(10, stopping.request, "SIGTERM")
            return await super().build(request)

    builder = Stopped(acts)
    results = yard.run(builder, "one", "two", "three", stopping=stopping, attempts=attempts)
    assert [result.success for result in results.values()] == [True, False, False]
    assert builder.begun == ["one", "two"]
    assert "SIGTERM" in results["two"].error
    assert 40 <= yard.clock.now < 60
    assert set(load_builds(*_places(yard))) == {"one"}
    assert [tried.status for tried in attempts.of_run()] == ["succeeded", "interrupted"]


def test_a_second_wish_does_not_wait(yard):
    """Asked to stop at once, what is at work is cancelled at once."""
    stopping = Stopping()
    builder = Scripted({"one": [Act(seconds=1000)]})

    class Twice(Heard):
        def emit(self, kind, message, **more):
            if kind == "attempt":
                loop = asyncio.get_running_loop()
                loop.call_later(10, stopping.request, "SIGINT")
                loop.call_later(12, stopping.hard)

    yard.run(builder, "one", stopping=stopping, log=Twice())
    assert yard.clock.now == pytest.approx(12, abs=1)


def test_a_wait_ends_with_the_wish_to_stop(yard):
    """Who waits for its next try does not keep the run from stopping."""
    stopping = Stopping()
    builder = Scripted({"one": [fails("429", retry_after=600.0)]})

    class Later(Heard):
        def emit(self, kind, message, **more):
            if kind == "retry":
                asyncio.get_running_loop().call_later(5, stopping.request, "SIGINT")

    yard.run(builder, "one", stopping=stopping, log=Later())
    assert yard.clock.now < 10


def test_what_was_cut_off_does_not_count_as_a_failure(yard):
    """A resumed run has the tries left that it had, whatever was cut off; a person's new call has them all."""
    attempts = MemoryAttempts()
    for number, status in enumerate(("failed", "interrupted", "failed"), 1):
        key = yard.build_plan(Scripted(), "one").key("one")
        row = attempts.start(phase="builders", service="one", number=number, builder="scripted", key=key, hint="")
        attempts.end(row, status, error=f"no nails {'i' * number}", signature=f"{number}")
    resumed = Scripted({"one": [fails("no luck")]})
    result = yard.run(resumed, "one", attempts=attempts)["one"]
    assert [request.attempt for request in resumed.requests] == [4]
    assert result.review.startswith("failed 3 times")
    asked = Scripted({"one": [fails("no luck"), fails("bad luck")]})
    result = yard.run(asked, "one", attempts=attempts, again=True)["one"]
    assert (result.success, len(asked.begun)) == (True, 3)
    assert asked.requests[0].hint


def test_given_up_stays_given_up_after_a_crash(yard):
    """A service that had used up its tries before a crash is not tried again by the resume."""
    attempts, queue = MemoryAttempts(), Queue()
    builder = Scripted({"one": [fails("a"), fails("b"), fails("c")]})
    yard.run(builder, "one", attempts=attempts)
    again = yard.run(builder, "one", attempts=attempts, reviews=queue)["one"]
    assert len(builder.begun) == 3
    assert again.review
    assert "one" in queue.open


def test_no_error_names_a_folder_that_is_gone(yard):
    """Where a message names the folder of its try, the try's folder stands there as a dot."""

    class Tells(Scripted):
        async def build(self, request):
            raise BuildError(f"{request.directory}/app/main.py:3: no such name")

    assert yard.run(Tells(), "one")["one"].error == "./app/main.py:3: no such name"


def test_a_changed_service_starts_over(yard):
    """Tries at what a service was before do not count for what it is now."""
    attempts = MemoryAttempts()
    yard.run(Scripted({"one": [fails("a"), fails("b"), fails("c")]}), "one", attempts=attempts)
    assert yard.run(Scripted(version="2"), "one", attempts=attempts)["one"].success


def test_what_a_failed_try_left_can_be_looked_at(yard):
    """The files of the last failed try are kept for a person, and go with the next success."""

    class Half(Scripted):
        async def build(self, request):
            (request.directory / "notes.txt").write_text(f"try {request.attempt}")
            return await super().build(request)

    queue = Queue()
    yard.run(Half({"one": [fails("a"), fails("b")]}), "one", reviews=queue, retry=RetryConfig(attempts=2))
    left = yard.folder / ".superteam/aside/one-failed"
    assert (left / "notes.txt").read_text() == "try 2"
    assert queue.open["one"][2]["directory"] == str(left)
    yard.run(Half(), "one", reviews=queue)
    assert not left.exists()
    assert not queue.open


def test_everybody_is_told(yard):
    """Each service has its standing from the start, and each change of it is told."""
    heard = Heard()
    yard.run(Scripted(), "one", "two", log=heard)
    yard.run(Scripted({"three": [fails("x")]}), "one", "two", "three", log=heard, retry=RetryConfig(attempts=1))
    states = [(event["service"], event["state"]) for event in heard.of("builder")]
    assert states[:2] == [("one", "waiting"), ("two", "waiting")]
    assert states[-5:] == [
        ("one", "kept"),
        ("two", "kept"),
        ("three", "waiting"),
        ("three", "building"),
        ("three", "review"),
    ]


def test_a_builder_of_another_name_is_as_good(yard):
    """What any of the configured builders has built is kept, whoever comes first now."""
    first, second = Scripted(name="first"), Scripted(name="second")
    yard.run(first, "one")
    yard.run(second, "one", build={"others": (first,)})
    assert second.begun == []


def test_inputs_of_a_builder_count(yard):
    """What a builder says that its work depends on is part of the key, and has a name."""

    class Prompted(Scripted):
        prompt = "1"

        def inputs(self, service):
            return {"prompt": self.prompt + service}

    builder = Prompted()
    before = yard.run(builder, "one", "two")
    builder.prompt = "2"
    after = yard.run(builder, "one", "two")
    assert builder.begun == ["one", "two"] * 2
    changed = {name for name, digest in after["one"].parts.items() if before["one"].parts[name] != digest}
    assert changed == {"input:prompt"}


def test_a_fresh_build_goes_on_without_fresh(yard):
    """A fresh build that was interrupted goes on where it was, and does nothing a third time."""
    builder = Scripted()
    yard.run(builder, "one", "two", "three")
    builder.begun.clear()
    stopping = Stopping()

    class Stops(Heard):
        def emit(self, kind, message, **more):
            if kind == "builder" and more.get("state") == "done":
                stopping.request("SIGINT")

    yard.run(builder, "one", "two", "three", build={"fresh": True, "parallel": 1}, stopping=stopping, log=Stops())
    assert builder.begun == ["one"]
    yard.run(builder, "one", "two", "three")
    assert builder.begun == ["one", "two", "three"]


def test_fresh_is_done_once_in_a_session(yard):
    """Where a session's builders are begun a second time, what it has built afresh is not built again."""
    builder = Scripted()
    yard.run(builder, "one")
    for _ in range(2):
        yard.run(builder, "one", build={"fresh": True}, session="s1")
    assert builder.begun == ["one", "one"]


def test_an_edited_service_of_an_interrupted_fresh_build_goes_aside(yard):
    """What somebody edited is put aside by the resume of a fresh build, as the fresh build would have done."""
    builder = Scripted()
    yard.run(builder, "one")
    main = yard.folder / "services/one/app/main.py"
    main.write_text("NAME = 'mine'\n")
    stopping = Stopping()
    stopping.request("SIGINT")
    yard.run(builder, "one", build={"fresh": True}, stopping=stopping)
    assert main.read_text() == "NAME = 'mine'\n"
    assert yard.run(builder, "one")["one"].edited == ()
    kept = list((yard.folder / ".superteam/aside").rglob("one/app/main.py"))
    assert [path.read_text() for path in kept] == ["NAME = 'mine'\n"]


def test_a_broken_book_stops_all_in_good_order(yard):
    """Where nothing can be written down any more nothing new begins, what is at work ends, and the run says why."""

    class Full(MemoryAttempts):
        def end(self, attempt, status, **more):
            raise OSError(28, "No space left on device")

    builder = Scripted({"two": [Act(seconds=5)]})
    with pytest.raises(Exception, match="No space left on device"):
        yard.run(builder, "one", "two", "three", attempts=Full())
    assert builder.begun == ["one", "two"]
    yard.run(builder, "one", "two", "three")
    assert builder.begun == ["one", "two", "three"]


def test_time_of_the_phase_is_long_enough(yard):
    """Without a setting the phase takes an hour, or as long as each service may take once in its lane."""
    plan = yard.plan(Scripted(), *"abcdefg", build={"timeout": 1800.0, "parallel": 2})
    assert plan.seconds == 4 * 1800
    assert replace(plan, build=replace(plan.build, parallel=7)).seconds == 3600
    assert replace(plan, timeout=5.0).seconds == 5


def test_a_builder_that_can_not_say_its_inputs_builds_again(yard):
    """Where a builder breaks on what it depends on, its services are built again each time, and nobody else's."""

    class Broken(Scripted):
        def inputs(self, service):
            if service == "one":
                raise KeyError(service)
            return {}

    builder = Broken()
    for _ in range(2):
        assert all(result.success for result in yard.run(builder, "one", "two").values())
    assert builder.begun == ["one", "two", "one"]
