from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as django_mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, transaction
from django.db.models.functions import Now

from accounts.models import RoleGrant, User
from common import duties, jobs, leases, mail, versions
from common.enums import JobState
from common.errors import Conflict, PortalError
from common.models import MAX_ATTEMPTS, Heartbeat, JobRun, OutgoingMail

pytestmark = pytest.mark.django_db

calls: list[int] = []


@jobs.handler("test-count")
def _count(job: JobRun, progress: jobs.Progress) -> dict[str, Any]:
    progress("Counting", 1, 2)
    calls.append(job.pk)
    return {"counted": job.params.get("upto", 0)}


@jobs.handler("test-explode")
def _explode(job: JobRun, progress: jobs.Progress) -> dict[str, Any]:
    message = "the disk fell out"
    raise OSError(message)


@jobs.handler("test-refuse")
def _refuse(job: JobRun, progress: jobs.Progress) -> dict[str, Any]:
    message = "Choose another file."
    raise PortalError(message)


@pytest.fixture
def person() -> User:
    return User.objects.create_user("bob@example.org", None, name="Bob")


def make_job(kind: str = "test-count", **fields: Any) -> JobRun:
    return jobs.ask_for(kind=kind, label="A run", actor=None, **fields)


def test_a_job_is_done_and_keeps_its_result() -> None:
    job = jobs.run_now(make_job(params={"upto": 3}))
    assert (job.state, job.result, job.progress_done, job.progress_total) == (JobState.DONE, {"counted": 3}, 1, 2)
    assert job.finished_at is not None


def test_a_job_that_is_done_is_not_done_again() -> None:
    calls.clear()
    job = make_job()
    jobs.run_now(job)
    jobs.run_now(job)
    assert jobs.run_next() is None
    assert calls == [job.pk]


def test_asking_twice_with_one_key_gives_one_job() -> None:
    assert make_job(dedupe_key="k").pk == make_job(dedupe_key="k").pk
    assert JobRun.objects.count() == 1


def test_an_unknown_kind_of_job_is_refused_when_asked_for() -> None:
    with pytest.raises(LookupError):
        make_job(kind="test-nothing")


def test_a_job_refused_by_a_rule_fails_at_once_with_the_sentence() -> None:
    job = jobs.run_now(make_job("test-refuse"))
    assert (job.state, job.last_error, job.attempts) == (JobState.FAILED, "Choose another file.", 1)


def test_poison_is_tried_five_times_and_then_waits_for_a_person(person: User) -> None:
    job = make_job("test-explode")
    for _turn in range(MAX_ATTEMPTS + 3):
        JobRun.objects.filter(pk=job.pk).update(leased_until=None)
        jobs.run_now(job)
    assert (job.state, job.attempts) == (JobState.FAILED, MAX_ATTEMPTS)
    assert "the disk fell out" in job.last_error
    RoleGrant.objects.create(user=person, role="administrator", scope="organisation")
    assert jobs.retry(job_pk=job.pk, actor=person).state == JobState.QUEUED


def test_a_failed_try_waits_before_the_next_one() -> None:
    jobs.run_now(make_job("test-explode"))
    assert jobs.run_next() is None


def test_a_dead_workers_job_is_taken_over_after_its_lease() -> None:
    job = make_job()
    claimed = leases.claim_next(JobRun.objects.open(), seconds=60)
    assert claimed == job
    assert leases.claim_next(JobRun.objects.open(), seconds=60) is None
    JobRun.objects.update(leased_until=Now() - timedelta(seconds=1))
    assert jobs.run_next() == job


def test_a_worker_that_lost_its_lease_writes_nothing() -> None:
    make_job()
    slow = leases.claim_next(JobRun.objects.open(), seconds=60)
    assert slow is not None
    JobRun.objects.update(leased_until=Now() - timedelta(seconds=1))
    assert leases.claim_next(JobRun.objects.open(), seconds=60) is not None
    assert leases.still_held(slow).update(step="too late") == 0
    with pytest.raises(leases.LeaseLost):
        leases.renew(slow, seconds=60)


@pytest.mark.django_db(transaction=True)
def test_eight_workers_never_claim_the_same_row() -> None:
    for number in range(20):
        make_job(dedupe_key=f"row-{number}")
    taken: list[int] = []

    def work() -> None:
        try:
            while row := leases.claim_next(JobRun.objects.open().order_by("pk"), seconds=60):
                taken.append(row.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 20
    assert len(set(taken)) == 20


def invite(person: User, message_id: str = "cause-1@pmo-portal") -> OutgoingMail:
    mail.queue_mail(
        message_id=message_id,
        to=person,
        subject="Hello\nthere",
        template="person_invited",
        context={"inviter": None, "reset_path": "/x/"},
    )
    return OutgoingMail.objects.get(message_id=message_id)


def test_the_same_cause_gives_one_mail(person: User) -> None:
    assert invite(person).pk == invite(person).pk


def test_a_mail_is_sent_once_and_marked(person: User) -> None:
    invite(person)
    assert mail.send_next() is not None
    assert mail.send_next() is None
    (sent,) = django_mail.outbox
    assert sent.subject == "Hello there"
    assert sent.extra_headers["Message-ID"] == "<cause-1@pmo-portal>"
    assert OutgoingMail.objects.get().sent_at is not None


def test_a_mail_that_fails_stays_and_goes_later(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    invite(person)

    def refuse(_backend: EmailBackend, _messages: object) -> int:
        message = "451 try later"
        raise OSError(message)

    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", refuse)
        mail.send_next()
    waiting = OutgoingMail.objects.get()
    assert waiting.sent_at is None
    assert "451" in waiting.last_error
    OutgoingMail.objects.update(leased_until=None)
    mail.send_next()
    assert len(django_mail.outbox) == 1


def test_nothing_is_mailed_when_the_transaction_is_rolled_back(person: User) -> None:
    def give_up() -> None:
        with transaction.atomic():
            invite(person)
            message = "no"
            raise PortalError(message)

    with pytest.raises(PortalError):
        give_up()
    assert not OutgoingMail.objects.exists()


def test_mail_is_written_in_the_receivers_language(person: User) -> None:
    person.language = "nl"
    person.save()
    assert 'lang="nl"' in invite(person).html


def test_a_duty_is_run_by_one_worker_per_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setattr(duties, "_duties", {})
    duties.register("test-a", 30, lambda: ran.append("a"))
    duties.register("test-b", 30, lambda: 1 / 0)
    duties.register("test-c", 30, lambda: ran.append("c"))
    assert duties.run_due() == ["test-a", "test-c"]
    assert duties.run_due() == []
    Heartbeat.objects.update(beat_at=Now() - timedelta(seconds=31))
    assert duties.run_due() == ["test-a", "test-c"]
    assert ran == ["a", "c", "a", "c"]


def test_the_age_of_a_beat_is_told_by_the_database() -> None:
    assert duties.age_of("sweep") is None
    duties.beat("sweep")
    age = duties.age_of("sweep")
    assert age is not None
    assert age < timedelta(seconds=5)


def grant(person: User) -> RoleGrant:
    return RoleGrant.objects.create(user=person, role="executive", scope="organisation")


def test_saving_an_old_version_is_a_conflict(person: User) -> None:
    row = grant(person)
    claimed = versions.claim(RoleGrant.objects.all(), pk=row.pk, version=1)
    versions.apply(claimed, {"role": "auditor"})
    with pytest.raises(Conflict) as caught:
        versions.claim(RoleGrant.objects.all(), pk=row.pk, version=1)
    assert caught.value.current_version == 2


def test_saving_without_a_change_writes_nothing(person: User) -> None:
    row = grant(person)
    assert versions.apply(row, {"role": "executive"}) == []
    row.refresh_from_db()
    assert row.version == 1


def test_every_registered_duty_can_run_twice_in_a_row() -> None:
    assert duties.registered()
    for duty in duties.registered():
        duty.run()
        duty.run()
