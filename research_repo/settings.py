"""Every setting once: its name, default and meaning. Read from the environment, never elsewhere."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LANGUAGES = ("en", "ru")


class SettingError(ValueError):
    """A setting cannot be used; the text says which one and what to write instead."""


@dataclass(frozen=True)
class Settings:
    """The settings of one instance. Build them with `from_environment`, or by name in tests."""

    instance: Path
    """RESEARCH_REPO_INSTANCE: the folder that a team owns; default `instance` in the current one."""
    database_url: str = ""
    """RESEARCH_REPO_DATABASE_URL: empty means SQLite in the instance folder."""
    secret_key: str = ""
    """RESEARCH_REPO_SECRET_KEY: signs sessions; empty means instance/secret_key, made when absent."""
    host: str = "127.0.0.1"
    """RESEARCH_REPO_HOST: the address that `serve` listens on."""
    port: int = 8000
    """RESEARCH_REPO_PORT: the port that `serve` listens on."""
    base_url: str = ""
    """RESEARCH_REPO_BASE_URL: the address people use; trusted host, and Secure cookies when https."""
    trusted_proxy: str = ""
    """RESEARCH_REPO_TRUSTED_PROXY: the IP address of the proxy before `serve`, whose word on who
    asks is believed; empty means that nobody's is."""
    time_zone: str = "UTC"
    """RESEARCH_REPO_TIME_ZONE: dates on pages are shown in it (IANA name, such as Europe/Moscow)."""
    language: str = "en"
    """RESEARCH_REPO_LANGUAGE: `en` or `ru`, for people who have not chosen one."""
    file_mb: int = 50
    """RESEARCH_REPO_FILE_MB: the largest file that a page takes, in megabytes; 1 to 1000."""
    source_characters: int = 2_000_000
    """RESEARCH_REPO_SOURCE_CHARACTERS: the longest text of a source; 1,000 to 20,000,000."""

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise SettingError(
                f"RESEARCH_REPO_LANGUAGE is {self.language!r}. Write one of: {', '.join(LANGUAGES)}."
            )
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise SettingError(
                f"RESEARCH_REPO_TIME_ZONE is {self.time_zone!r}. Write a name such as Europe/Moscow."
            ) from None
        if self.base_url and urlsplit(self.base_url).scheme not in ("http", "https"):
            raise SettingError(
                f"RESEARCH_REPO_BASE_URL is {self.base_url!r}. "
                "Write a whole address, such as https://research.example.org."
            )
        if self.trusted_proxy and not _is_address(self.trusted_proxy):
            raise SettingError(
                f"RESEARCH_REPO_TRUSTED_PROXY is {self.trusted_proxy!r}. "
                "Write the IP address of the proxy, such as 127.0.0.1."
            )
        if not 1 <= self.file_mb <= 1000:
            raise SettingError("RESEARCH_REPO_FILE_MB is a number from 1 to 1000, such as 50.")
        if not 1_000 <= self.source_characters <= 20_000_000:
            raise SettingError(
                "RESEARCH_REPO_SOURCE_CHARACTERS is a number from 1000 to 20000000, such as 2000000."
            )
        if self.secret_key and len(self.secret_key) < 32:
            raise SettingError(
                "RESEARCH_REPO_SECRET_KEY is shorter than 32 characters. "
                "Leave it out, and one is made at the first start."
            )

    @property
    def database(self) -> str:
        """The SQLAlchemy address of the database."""
        return self.database_url or f"sqlite:///{self.instance / 'repository.sqlite3'}"

    @property
    def index_folder(self) -> Path:
        """Where the search index lives: a cache, never backed up."""
        return self.instance / "index"

    @property
    def file_bytes(self) -> int:
        """The largest file that a page takes."""
        return self.file_mb << 20

    @property
    def is_https(self) -> bool:
        """Whether people reach the instance over https, so that cookies can be Secure."""
        return self.base_url.startswith("https://")


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; refuse what cannot be used with a `SettingError` that says what to write."""
    env = os.environ if environment is None else environment

    def value(name: str, default: str = "") -> str:
        return env.get(f"RESEARCH_REPO_{name}", "").strip() or default

    def number(name: str, default: int) -> int:
        try:
            return int(value(name, str(default)))
        except ValueError:
            raise SettingError(
                f"RESEARCH_REPO_{name} must be a number, such as {default}."
            ) from None

    return Settings(
        instance=Path(value("INSTANCE", "instance")).expanduser().absolute(),
        database_url=value("DATABASE_URL"),
        secret_key=value("SECRET_KEY"),
        host=value("HOST", "127.0.0.1"),
        port=number("PORT", 8000),
        base_url=value("BASE_URL").rstrip("/"),
        trusted_proxy=value("TRUSTED_PROXY"),
        time_zone=value("TIME_ZONE", "UTC"),
        language=value("LANGUAGE", "en"),
        file_mb=number("FILE_MB", 50),
        source_characters=number("SOURCE_CHARACTERS", 2_000_000),
    )
