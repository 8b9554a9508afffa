"""Sign-in, sign-out and second factor in the audit trail, told by the signals of Django and allauth."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account_signals
from allauth.mfa import signals as mfa_signals
from django.contrib.auth import signals as auth_signals
from django.dispatch import Signal

from accounts.models import User
from common import audit
from common.enums import AuditKind


def _signed_in(user: User | None = None, **_signal: Any) -> None:
    audit.record(AuditKind.SIGNED_IN, actor=user)


def _signed_out(user: User | None = None, **_signal: Any) -> None:
    if user is not None:
        audit.record(AuditKind.SIGNED_OUT, actor=user)


def sign_in_failed(credentials: dict[str, Any], what: str = "password") -> None:
    """Somebody could not prove who they are. What they typed is not kept: people type passwords into any field.

    An address that belongs to an account is told as that account.
    """
    typed = str(credentials.get("email") or credentials.get("username") or credentials.get("login") or "")
    account = User.objects.filter(email__iexact=typed).first() if typed and "\x00" not in typed else None
    audit.record_refusal(AuditKind.SIGN_IN_FAILED, what=what, detail=_of(account) if account else {})


def _of(account: User) -> dict[str, Any]:
    return {"account": account.pk, "name": str(account)}


def _failed(credentials: dict[str, Any], **_signal: Any) -> None:
    sign_in_failed(credentials)


def _second_factor_failed(user: User, **_signal: Any) -> None:
    audit.record_refusal(AuditKind.SIGN_IN_FAILED, what="second_factor", detail=_of(user))


_CREDENTIALS: dict[str, Signal] = {
    "password_set": account_signals.password_set,
    "password_changed": account_signals.password_changed,
    "password_reset": account_signals.password_reset,
    "factor_added": mfa_signals.authenticator_added,
    "factor_removed": mfa_signals.authenticator_removed,
    "factor_reset": mfa_signals.authenticator_reset,
    "factor_used": mfa_signals.authenticator_used,
}


def listen() -> None:
    """Connect all of them; called once, when the apps are ready."""
    auth_signals.user_logged_in.connect(_signed_in, dispatch_uid="audit_in")
    auth_signals.user_logged_out.connect(_signed_out, dispatch_uid="audit_out")
    auth_signals.user_login_failed.connect(_failed, dispatch_uid="audit_failed")
    mfa_signals.authentication_failed.connect(_second_factor_failed, dispatch_uid="audit_mfa_failed")
    for what, signal in _CREDENTIALS.items():

        def note(user: User, authenticator: Any = None, what: str = what, **_signal: Any) -> None:
            detail = {"factor": str(authenticator.type)} if authenticator is not None else {}
            audit.record(AuditKind.CREDENTIAL, what=what, actor=user, detail=detail)

        signal.connect(note, weak=False, dispatch_uid=f"audit_{what}")
