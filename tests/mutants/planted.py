"""The faults: what the line says, what it says with the fault in it, and which tests guard it.

`old` stands exactly once in its file, and is as short as that allows: code around it may change. Whoever moves or rewrites such a line
mends its row here (tests/test_mutants.py says which one), or plants another fault that breaks the same promise.
"""

from dataclasses import dataclass

PLAYED = "tests/test_conversations.py::test_conversation"


@dataclass(frozen=True)
class Mutant:
    """`tests` are words for pytest."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


def played(conversation: str, mode: str) -> str:
    return f"{PLAYED}[{conversation}-{mode}]"


PROMISES = "tests/test_durability.py::"
DATABASE, OBJECTS, OUTBOX = "bot/store/database.py", "bot/store/objects.py", "bot/store/outbox.py"
SECRET_FILE = "bot/secret_file.py"
SESSIONS, WEB_CHAT = "bot/adapters/webchat/sessions.py", "bot/adapters/webchat/adapter.py"
AGENTS, CUSTODY, CONTROL = "handlers/agents.py", "bot/custody.py", "bot/control.py"

MUTANTS = (
    # What is acknowledged is stored, and stored is on the disk
    Mutant(
        "synchronous off", DATABASE, "PRAGMA synchronous = FULL", "PRAGMA synchronous = OFF",
        (PROMISES + "test_a_commit_waits_for_the_disk",),
    ),
    Mutant(
        "a photo is not flushed", OBJECTS, "sync_to_disk(folder / coming)", "pass",
        (PROMISES + "test_a_photo_is_on_the_disk_with_its_name_before_it_is_acknowledged",),
    ),
    Mutant(
        "nothing is flushed", "bot/durable.py", "os.fsync(handle)", "pass",
        (PROMISES + "test_a_photo_is_on_the_disk_with_its_name_before_it_is_acknowledged",),
    ),
    Mutant(
        "half an object is trusted", OBJECTS, "if there == size:  # perhaps", "if there is not None:  # perhaps",
        ("tests/test_objects.py::test_half_an_object_is_not_trusted",),
    ),
    Mutant(
        "a cancelled commit is not waited for", DATABASE, "cancelled = error", "raise",
        (PROMISES + "test_a_commit_that_began_is_waited_for_however_often_it_is_cancelled",),
    ),
    Mutant(
        "a cancelled commit is given up", DATABASE, "await finish(connection.commit())", "await connection.commit()",
        (PROMISES + "test_a_commit_that_began_is_waited_for_however_often_it_is_cancelled",),
    ),
    Mutant(
        "a turn begins without the right to write", DATABASE, 'begin="BEGIN IMMEDIATE"', 'begin="BEGIN"',
        (PROMISES + "test_nobody_else_writes_between_what_a_turn_reads_and_what_it_saves",),
    ),
    Mutant(
        "two servers of one folder", "bot/app.py", "fcntl.LOCK_EX | fcntl.LOCK_NB", "fcntl.LOCK_SH | fcntl.LOCK_NB",
        ("tests/test_webchat.py::test_second_start_on_the_same_folder_says_where_it_runs",),
    ),
    Mutant(
        "the webhook acknowledges what is not stored", "bot/adapters/telegram/webhook.py",
        "if await take([update]):", "if await take([update]) or True:",
        ("tests/test_telegram.py", "-k", "what_cannot_be_stored_comes_again"),
    ),
    Mutant(
        "a page of WeCom is passed over", "bot/adapters/wecom/adapter.py",
        "await self._take(page, since, accept)", "pass",
        ("tests/test_wecom.py::test_every_page_is_read_also_after_empty_ones",),
    ),
    Mutant(
        "a failed event is not set aside", "bot/dispatch.py", "batch.setaside.append(", "batch.setaside[:0] and (",
        ("tests/test_setaside.py",),
    ),
    # Nothing is done twice
    Mutant(
        "events are handled again", "bot/dispatch.py", "if event.id not in seen}", "if event.id}",
        (played("damaged_kettle_en", "twice"),),
    ),
    Mutant(
        "a repeated event gets no answer", "bot/dispatch.py", "done.repeated.get(waiting.event.id, [])", "[]",
        ("tests/test_bad_input.py::test_same_press_a_thousand_times_is_one",),
    ),
    Mutant(
        "attempts of one message at WeChat are turns of their own", "bot/adapters/wechat/adapter.py",
        "one = self._under_way.get(event.id)", "one = None",
        ("tests/test_wechat.py::test_turn_slower_than_an_attempt_is_answered_in_the_next",),
    ),
    Mutant(
        "what was sent is due again", "bot/delivery.py",
        'return Marked(outgoing.id, "sent")', 'return Marked(outgoing.id, "due")',
        ("tests/test_delivery.py",),
    ),
    Mutant(
        "what may have been sent is sent for ever", "bot/delivery.py", "again = outgoing.id not in self._maybe", "again = True",
        ("tests/test_delivery.py::test_maybe_sent_is_sent_once_more_and_then_stays_maybe",),
    ),
    Mutant(
        "a message that takes long is sent again", "bot/delivery.py",
        "if one.outgoing.id not in self._on_their_way and", "if",
        ("tests/test_delivery.py::test_message_that_takes_longer_than_its_lease_is_sent_once",),
    ),
    Mutant(
        "a reminder stays due", "bot/batch.py", "await reminders.finish(connection, past)", "pass",
        (PROMISES + "test_a_reminder_is_over_with_its_turn",),
    ),
    Mutant(
        "an errand's lease ends while it is done", "bot/errands.py",
        "LEASE = timedelta(seconds=120)", "LEASE = timedelta(seconds=20)",
        (PROMISES + "test_a_lease_lasts_longer_than_what_is_done_under_it",),
    ),
    Mutant(
        "a message's lease ends while it is sent", OUTBOX,
        "LEASE = timedelta(seconds=60)", "LEASE = timedelta(seconds=1)",
        (PROMISES + "test_a_lease_lasts_longer_than_what_is_done_under_it",),
    ),
    Mutant(
        "messages of a dead process wait for their lease", "bot/app.py",
        "await outbox.release(connection, platforms, now)", "pass",
        (PROMISES + "test_what_a_process_had_begun_is_taken_up_by_the_next_at_once",),
    ),
    Mutant(
        "a case is decided on twice", AGENTS, "if not case.can(move):", "if False:",
        ("tests/test_webchat.py::test_case_cannot_be_approved_twice",),
    ),
    # In order, and no more than is allowed
    Mutant(
        "later messages of a chat pass the first", OUTBOX,
        "EARLIER.c.position < outbox.c.position", "EARLIER.c.position < 0",
        ("tests/test_delivery.py", "tests/test_cancel.py", "-k", "order"),
    ),
    Mutant(
        "a message is claimed past one that waits", "bot/batch.py", "and address not in has_unsent", "",
        ("tests/test_delivery.py::test_chat_keeps_its_order_whatever_is_claimed",),
    ),
    Mutant(
        "a chat's rate is not counted", "bot/delivery.py", "self._pace.count(chat, rate, now)", "pass",
        ("tests/test_delivery.py::test_chat_keeps_its_rate_and_holds_up_nobody",),
    ),
    Mutant(
        "nothing is kept for a decision", "bot/speaking.py", "(0 if may_take_last else limits.kept)", "0",
        ("tests/test_speaking.py::test_notice_leaves_the_last_one_to_a_decision",),
    ),
    Mutant(
        "windows that ended are spoken in", "bot/speaking.py", "one.ends_at > now and", "",
        ("tests/test_speaking.py::test_nothing_is_said_without_a_window",),
    ),
    Mutant(
        "what is said is not counted", "bot/store/windows.py",
        'windows.c.free - bindparam("count")', 'windows.c.free - bindparam("count") * 0',
        ("tests/test_speaking.py::test_more_than_five_decisions_wait_for_the_customer",),
    ),
    Mutant(
        "an outage is a photo's failure", "bot/errands.py",
        "self._postpone(errand, seconds, failures=errand.failures)", "self._postpone(errand, seconds, failures=9)",
        (PROMISES + "test_an_outage_of_the_store_counts_as_no_failure",),
    ),
    Mutant(
        "no limit of a session's requests", WEB_CHAT, ">= MOST_AT_ONCE", ">= 10**9",
        (PROMISES + "test_a_session_has_so_many_requests_under_way_and_no_more",),
    ),
    Mutant(
        "a file may be as large as it likes", "bot/model/evidence.py", "20 * 1024 * 1024", "2000 * 1024 * 1024",
        ("tests/test_bad_input.py::test_file_over_twenty_megabytes_is_too_large",),
    ),
    # Nobody sees or does what is another's
    Mutant(
        "a secret of zeros", SECRET_FILE, "secrets.token_bytes(SECRET_BYTES)", "bytes(SECRET_BYTES)",
        (PROMISES + "test_a_web_chats_tokens_are_its_own",),
    ),
    Mutant(
        "a secret of any length", SECRET_FILE, "len(secret) < SECRET_BYTES or", "",
        ("tests/test_secrets.py::test_start_with_a_bad_secret_says_which_file_and_what_to_do",),
    ),
    Mutant(
        "a secret's name is there before its bytes", "bot/durable.py", "os.fsync(opened.fileno())", "pass",
        ("tests/test_secrets.py",),
    ),
    Mutant(
        "the door's token goes to anybody", "bot/control_client.py", "if not is_ours or", "if",
        ("tests/test_control_door.py::test_program_on_the_old_port_learns_nothing_and_agents_go_on",),
    ),
    Mutant(
        "a part that ended is not told", "bot/supervisor.py", "self._sound_at[name] = inf", "pass",
        ("tests/test_supervisor.py::test_part_is_down_until_it_has_run_as_long_as_its_pause",),
    ),
    Mutant(
        "no limit of a session's streams", "bot/adapters/webchat/streams.py", ">= MOST_A_SESSION", ">= 10**9",
        ("tests/test_http_limits.py::test_forty_streams_of_a_session_and_no_more",),
    ),
    Mutant(
        "tokens are not checked", SESSIONS, "if not hmac.compare_digest(", "if not max(",
        ("tests/test_webchat.py::test_wrong_token_opens_nothing",),
    ),
    Mutant(
        "photos are everybody's", WEB_CHAT, "or one.address != address_of(session)", "",
        ("tests/test_webchat.py::test_photo_is_its_customers_own",),
    ),
    Mutant(
        "cases are everybody's", "bot/store/cases.py", 'cases.c.customer.in_(given("customers"))',
        'cases.c.customer.in_(given("customers")) | (cases.c.number != "")', (played("status_is_private", "straight"),),
    ),
    Mutant(
        "the door's token is not checked", "bot/control_routes.py", "if not hmac.compare_digest(", "if not max(",
        ("tests/test_webchat.py::test_nothing_outside_the_page_is_served",),
    ),
    Mutant(
        "anybody is Telegram", "bot/adapters/telegram/webhook.py", "if not hmac.compare_digest(", "if not max(",
        ("tests/test_telegram.py", "-k", "only_telegram_is_listened_to"),
    ),
    Mutant(
        "anybody is WeChat", "bot/tencent/codec.py", "self._check(query.msg_signature, query, envelope)", "pass",
        ("tests/test_wechat_forged.py::test_no_forgery_is_accepted",),
    ),
    Mutant(
        "callbacks of another time are taken", "bot/tencent/codec.py", "> CLOCK_SECONDS", "> 10**10",
        ("tests/test_wechat_codec.py::test_callback_from_another_time_is_refused",),
    ),
    Mutant(
        "of two parameters any is the signed one", "bot/tencent/callback.py",
        "if len(parameters) != len(given):", "if False:", ("tests/test_wechat_forged.py::test_no_forgery_is_accepted",),
    ),
    Mutant(
        "a link's code never ends", "bot/model/link.py", "and now < self.expires_at", "",
        ("tests/test_links.py::test_code_is_over_after_ten_minutes",),
    ),
    Mutant(
        "a link's code can be guessed", "bot/model/link.py", "tries >= MOST_WRONG_TRIES", "False",
        ("tests/test_links.py::test_ten_wrong_tries_close_it",),
    ),
    Mutant(
        "any code opens a link", "bot/model/link.py", "return secrets.compare_digest(", "return True or bool(",
        ("tests/test_links.py::test_ten_wrong_tries_close_it",),
    ),
    Mutant(
        "others undo a link", "handlers/links.py", "or not found.is_of(here)", "",
        ("tests/test_links.py::test_others_cannot_undo_it",),
    ),
    # People decide, on what they have seen
    Mutant(
        "a refund of any amount", AGENTS, "<= MOST_FEN", "<= 10**12",
        (PROMISES + "test_a_refund_over_a_hundred_thousand_yuan_is_a_slip_of_the_finger",),
    ),
    Mutant(
        "more than was paid needs no word", AGENTS, "if paid and amount > fen_of(paid)", "if paid and False",
        ("tests/test_case_commands.py::test_more_than_was_paid_needs_another_word",),
    ),
    Mutant(
        "evidence that nobody has seen is decided on", AGENTS, "action.seen < case.evidence_count", "False",
        (played("decision_on_unseen_evidence_en", "straight"),),
    ),
    # Evidence stays, and shows when it was changed
    Mutant(
        "entries are not chained", "bot/store/log.py", "before.encode() + canonical_json(content)", "canonical_json(content)",
        ("tests/test_packs.py::test_a_stranger_checks_the_zip_and_the_unpacked_folder",),
    ),
    Mutant(
        "messages are not chained", "bot/store/log.py",
        "before.encode() + digest_of(message).encode()", "digest_of(message).encode()",
        ("tests/test_packs.py::test_a_stranger_checks_the_zip_and_the_unpacked_folder",),
    ),
    Mutant(
        "evidence is not in the log", CUSTODY, "    note_evidence(turn, before)", "    pass",
        ("tests/test_custody.py::test_evidence_is_in_the_log_with_all_that_is_known_of_it",),
    ),
    Mutant(
        "what is said is not in the log", CUSTODY, "    note_words(turn, before.conversation)", "    pass",
        ("tests/test_custody.py::test_what_is_said_while_a_case_is_open_is_covered_at_once",),
    ),
    Mutant(
        "no wait before erasing", "handlers/shots.py",
        "ERASED_AFTER = timedelta(hours=1)", "ERASED_AFTER = timedelta(0)",
        (PROMISES + "test_a_deleted_photo_rests_for_an_hour_before_it_is_erased",),
    ),
    Mutant(
        "what another has too is erased", "bot/erase.py", "if not used:", "if True:",
        ("tests/test_photos.py::test_a_photo_that_another_customer_has_too_stays_when_one_deletes_it",),
    ),
    Mutant(
        "what was put just now is erased", OBJECTS, "< RESTS_SECONDS:", "< 0:",
        (PROMISES + "test_bytes_that_were_put_just_now_are_not_erased",),
    ),
    Mutant(
        "evidence is handed out before it is noted", CONTROL,
        'await self._note_download(case, fields, "pack", originals=True)', "pass",
        ("tests/test_packs.py::test_what_cannot_be_noted_in_the_log_is_not_handed_out",),
    ),
    # What is promised, by which day
    Mutant(
        "holidays are working days", "bot/workdays.py", "days -= is_work", "days -= 1",
        (played("damaged_kettle_en", "straight"),),
    ),
    Mutant(
        "a day ends when it begins", "bot/workdays.py",
        "datetime.combine(day + A_DAY, time(), SHANGHAI)", "datetime.combine(day, time(), SHANGHAI)",
        (PROMISES + "test_a_promised_day_lasts_until_its_midnight_in_shanghai",),
    ),
    Mutant(
        "a missed promise is not told", "handlers/deadlines.py",
        'turn.remind_at(end_of(deadline.day), kind, case.number)', "return",
        (played("missed_promise_en", "straight"),),
    ),
)  # fmt: skip
