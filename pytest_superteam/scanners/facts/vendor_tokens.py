"""Tokens of vendors that have a form of their own and no code: each is an API key wherever it stands."""

from __future__ import annotations

import re

from detect_secrets.plugins.base import RegexBasedDetector

__all__ = ["VendorToken"]

_FORMS = (
    # Google: API keys, OAuth access tokens and client secrets
    r"AIza[\w\-]{35}", r"ya29\.[\w\-]{20,300}", r"GOCSPX-[\w\-]{20,40}",
    # package registries
    r"npm_[A-Za-z0-9]{36}", r"pypi-Ag[\w\-]{50,300}", r"rubygems_[a-f0-9]{48}", r"oy2[a-z0-9]{43}",
    r"cio[A-Za-z0-9]{32}",
    r"CLOJARS_[a-z0-9]{60}", r"dckr_(?:pat|oat)_[\w\-]{24,40}",
    # models
    r"sk-(?:proj-|svcacct-|admin-|None-)?[\w\-]{0,80}T3BlbkFJ[\w\-]{20,80}",
    r"sk-(?:proj|svcacct|admin)-[\w\-]{20,200}",
    r"sk-ant-[a-z0-9]{2,10}-[\w\-]{20,120}", r"sk-or-v1-[a-f0-9]{40,64}", r"gsk_[A-Za-z0-9]{40,60}",
    r"hf_[A-Za-z]{30,40}", r"hf_[A-Za-z0-9]{34}",
    r"r8_[A-Za-z0-9]{37}", r"xai-[A-Za-z0-9]{60,90}", r"pplx-[A-Za-z0-9]{40,60}", r"nvapi-[\w\-]{60,70}",
    r"tvly-[\w\-]{20,60}",
    r"lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}", r"fw_[A-Za-z0-9]{24}",
    # hosting and infrastructure
    r"do[opr]_v1_[a-f0-9]{64}", r"hv[sbr]\.[\w\-]{24,300}", r"HRKU-[\w\-]{36,60}",
    r"[A-Za-z0-9]{14}\.atlasv1\.[\w\-=]{60,70}", r"dapi[0-9a-f]{32}(?:-\d)?",
    r"pul-[0-9a-f]{40}", r"nfp_[\w]{36,40}", r"sbp_[a-f0-9]{40}", r"pscale_(?:tkn|pw|oauth)_[\w\-.=]{32,64}",
    r"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[\w\-]{2,35}\.)?[A-Za-z0-9]{40,44}",
    r"tk-us-[\w\-]{48}", r"fio-u-[\w\-=]{64}", r"ico-[A-Za-z0-9]{32}", r"AQVN[\w\-]{35,38}", r"LTAI[A-Za-z0-9]{20}",
    r"AKID[A-Za-z0-9]{32}",
    r"AccountKey=([A-Za-z0-9+/=]{80,90})", r"SharedAccessKey=([A-Za-z0-9+/]{40,60}={0,2})",
    r"[?&]sig=([A-Za-z0-9%+/]{40,60}(?:=|%3[dD])?)", r"(?<![\w~.\-])[\w~.\-]{3}[78]Q~[\w~.\-]{31,34}",
    r"ops_eyJ[A-Za-z0-9+/=]{50,500}", r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}",
    r"CCI(?:PAT|PRJ)_[A-Za-z0-9]{16,30}_[a-f0-9]{40}", r"bkua_[a-z0-9]{40}",
    r"pnu_[A-Za-z0-9]{36}", r"sgp_(?:[a-fA-F0-9]{16}_|local_)?[a-fA-F0-9]{40}", r"API-[A-Z0-9]{26,40}",
    r"apify_api_[A-Za-z0-9]{30,40}",
    # shops and payments
    r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}", r"sq0(?:atp|csp|idp)-[\w\-\\]{22,60}", r"EAAA[\w\-]{56,64}",
    r"rzp_live_[A-Za-z0-9]{14,30}", r"FLWSECK(?:_TEST)?-[a-zA-Z0-9\-]{12,40}",
    r"access_token\$production\$[0-9a-z]{16}\$[0-9a-f]{32}", r"EZAK[a-zA-Z0-9]{54}", r"shippo_live_[a-f0-9]{40}",
    r"duffel_(?:live|test)_[\w\-=]{43}", r"whsec_[A-Za-z0-9+/]{24,80}={0,2}",
    r"amzn\.mws\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", r"live_[a-f0-9]{35}",
    # work tools
    r"AT[AC]TT3[\w\-=]{50,300}", r"ATBB[A-Za-z0-9]{32}", r"lin_api_[A-Za-z0-9]{32,48}",
    r"PMAK-[a-fA-F0-9]{24}-[a-fA-F0-9]{34}", r"secret_[A-Za-z0-9]{43}", r"ntn_[A-Za-z0-9]{40,60}",
    r"glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}", r"glc_eyJ[A-Za-z0-9+/=]{30,400}", r"NR(?:AK|II|RA)-[A-Za-z0-9\-]{27,42}",
    r"eu01xx[a-f0-9]{34}NRAL", r"sntry[su]_[\w+/=\-]{40,300}", r"figd_[\w\-]{40,60}",
    r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}", r"xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}",
    r"xsmtpsib-[a-f0-9]{64}-[A-Za-z0-9]{16}", r"rdme_[a-z0-9]{70}", r"tfp_[\w\-.=]{59}", r"aio_[a-zA-Z0-9]{28}",
    r"ph[cx]_[A-Za-z0-9]{40,50}", r"[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk", r"sk\.eyJ[\w\-]{40,200}\.[\w\-]{15,40}",
    r"key-[0-9a-f]{32}",
    r"sq[upa]_[a-f0-9]{40}",
    # people
    r"EAACEdEose0cBA[A-Za-z0-9]{10,300}", r"EAA[BCG][A-Za-z0-9]{80,400}", r"A{20,25}[A-Za-z0-9%]{40,150}",
    r"https://(?:ptb\.|canary\.)?discord(?:app)?\.com/api/webhooks/\d{15,22}/[\w\-]{60,75}",
    r"https://[a-z0-9\-]{1,40}\.webhook\.office\.com/webhookb2/[\w\-@]{36,90}/IncomingWebhook/[a-z0-9]{32}/[\w\-]{36}",
    # Twilio
    r"(?:SK|AC)[0-9a-f]{32}",
    # JFrog
    r"AKC[A-Za-z0-9]{40,80}", r"cmVmd[A-Za-z0-9+/]{59,70}={0,2}",
)  # fmt: skip


class VendorToken(RegexBasedDetector):
    """A token of a vendor, known by its prefix."""

    secret_type = "Token of a known vendor"  # noqa: S105 - the name of a kind
    denylist = tuple(
        re.compile(
            form
            if form.startswith(("[?&]", "(?<!", "Acc", "Shared", "https"))
            else rf"(?<![A-Za-z0-9_\-+/.])({form})(?![A-Za-z0-9_])"
        )
        for form in _FORMS
    )
