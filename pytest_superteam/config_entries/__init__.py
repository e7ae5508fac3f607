"""Settings that are more than a word or a number: services of a system, callers of it, names of variables."""

from __future__ import annotations

from pytest_superteam.config_entries.agents import AgentConfig
from pytest_superteam.config_entries.callers import AuthConfig, AuthUser, OAuth2Config, auth_users, check_auth
from pytest_superteam.config_entries.messages import meant
from pytest_superteam.config_entries.names import EnvironmentName, environment_name, named, texts
from pytest_superteam.config_entries.running import (
    BudgetConfig,
    PhaseBudgets,
    PlatformConfig,
    PriceConfig,
    RetryConfig,
    ServiceConfig,
)
from pytest_superteam.config_entries.services import (
    NONE,
    ServicePath,
    corrections,
    running_services,
    service_paths,
)

__all__ = [
    "NONE",
    "AgentConfig",
    "AuthConfig",
    "AuthUser",
    "BudgetConfig",
    "EnvironmentName",
    "OAuth2Config",
    "PhaseBudgets",
]
__all__ += ["PlatformConfig", "PriceConfig", "RetryConfig", "ServiceConfig", "ServicePath", "auth_users"]
__all__ += ["check_auth", "corrections", "environment_name", "meant", "named", "running_services", "service_paths"]
__all__ += ["texts"]
