# ruff: noqa: RUF001, E501 - the words of many scripts
"""What the inference of entities knows about English words and marks: what is no noun, and what is noun and verb."""

from __future__ import annotations

import re

from pytest_superteam.architect.names import vocabulary

__all__ = ["AFTER_VERB", "BEFORE_VERB", "BESIDE", "BOTH", "CODE", "ID", "LABELS", "LEAVES", "NOT_NOUN", "SKIP", "STOP"]

SKIP = vocabulary(
    "a an the their his her its our my your own new all multiple any each every some one more several many existing "
    "personal live real-time online custom other different various specific individual basic detailed complete full "
    "available active current past previous upcoming recent related relevant single simple unlimited public private "
    "digital real first secure automatic manual own daily weekly monthly"
)
STOP = vocabulary(
    "a able about access accordance account action activity all alternative amount analytic and answer any api app "
    "application as at attention audio backend bug button by can change client code component compliance connection "
    "content control cost count credential criteria customization data database date deadline demand detail "
    "development deployment device display documentation duration each email endpoint engine environment error etc "
    "every everything experience export factor feature field file filter flow for form format from frontend function "
    "functionality gateway goal growth have history how hour id if image import in index information infrastructure "
    "input insight integration interaction interface into is issue it item journey json key kind layer level library "
    "limit link list load log logic login logging loop management mechanism metadata metric mode model module money "
    "month monitoring more name need network notification number of on one only option or other output overview own "
    "page parameter part password pattern payload people performance permission person phone platform point position "
    "preference price problem process processing product-market profile progress proof quality quantity queue range "
    "rate reason reminder report request requirement resource response result risk role rule same scale screen script "
    "search section security server service session set setting setup size software solution something source space "
    "speed stack standard start state statistic status step storage story strategy structure style suggestion support "
    "system table target team term test text that the their them these they thing this those time title to token tool "
    "topic total track traffic transparency trend trust type ui uptime up update url usage use user value version view "
    "visibility volume instance container cluster node replica timeout latency architecture library framework package "
    "dependency script command pipeline variable branch commit build run cost scenario example constraint assumption "
    "decision stakeholder developer engineer founder company-wide bottleneck correction must should may might out through "
    "clear precise exact next longer cold fail via dark easy upfront upfront ability area aspect behavior benefit best "
    "case challenge choice concept condition connection context copy core day default definition difference direction "
    "effect effort element entry estimate-time event-driven evidence expectation extension failure fallback gap guideline "
    "header hint icon idea impact implementation improvement incident increment indicator industry instruction intent "
    "interval keyword label-name language legend length line log-in margin mechanism medium method middleware migration "
    "minute mistake moment movement null object objective operation optimization outcome overhead package-manager panel "
    "path peak percent percentage period perspective pipeline portion practice prefix presence principle priority "
    "production property-name proportion protocol prototype purpose reference relation release reliability repository "
    "responsibility retention retry revenue runtime sample schema scope seconds segment sentence sequence severity sign "
    "signal-to-noise situation spec spike string subset success summary syntax technique technology telemetry tense thing "
    "threshold tier timing timestamp trade-off transition trigger ui-state unit utility validation variation version-control "
    "viewport warning week word year zone volume way web website what when where which who why will with work workflow you"
)
CODE = re.compile(r"\b(?:GET|POST|PUT|PATCH|DELETE)\b|(?<![\w/])/[\w\-{}:<>\[\]/.*?=&]{1,200}|https?://\S{1,300}")
ID = re.compile(r"^[\W_]*(?:[A-Z]{1,8}[-.]?)?\d[\d.\-]*[:.)]?\s+|[(（\[【][^()（）\[\]【】]{0,60}[)）\]】]")
BESIDE = re.compile(r"^\s?[(（]\s?([a-z][a-z _-]{2,30})\s?[)）]")
BOTH = {
    "book": "Booking",
    "books": "Booking",
    "post": "Post",
    "posts": "Post",
    "order": "Order",
    "review": "Review",
    "schedule": "Schedule",
    "request": "Request",
    "message": "Message",
    "report": "Report",
    "rate": "Rating",
    "comment": "Comment",
    "track": "",
    "follow": "Follow",
    "like": "Like",
    "log": "",
    "invoice": "Invoice",
    "transfer": "Transfer",
    "purchase": "Purchase",
    "offer": "Offer",
    "bid": "Bid",
    "quote": "Quote",
    "test": "",
    "grade": "Grade",
    "match": "",
    "document": "",
    "contact": "",
    "record": "",
    "ship": "",
    "plan": "",
    "group": "",
    "tag": "Tag",
    "label": "Tag",
    "bookmark": "Favorite",
    "favorite": "Favorite",
    "answer": "Answer",
    "note": "",
    "photo": "",
    "approve": "",
    "discount": "",
    "budget": "",
    "price": "",
    "form": "",
    "table": "",
    "model": "",
    "position": "",
    "question": "",
    "address": "",
    "park": "",
    "exercise": "",
    "ride": "",
    "categorize": "Category",
    "categorise": "Category",
    "load": "",
    "court": "",
    "pitch": "",
    "pump": "",
    "fuel": "",
    "seat": "",
    "finding": "",
    "truck": "",
}
"""English words that are a noun or a verb, with what the act leaves behind."""
LEAVES = {
    "reserve": "Reservation",
    "reserves": "Reservation",
    "enroll": "Enrollment",
    "enrolls": "Enrollment",
    "subscribe": "Subscription",
    "subscribes": "Subscription",
    "donate": "Donation",
    "donates": "Donation",
    "pay": "Payment",
    "pays": "Payment",
}
"""English verbs with what the act leaves behind."""
BEFORE_VERB = vocabulary("to can may must should will could shall and or cannot users customers we they not")
AFTER_VERB = vocabulary("a an the their his her its your my our new for on in with all any each every multiple")
NOT_NOUN = re.compile(r"(?:ing|ly|ed|able|ible|ive|ous|ful|al|ic|ant|ent)$")
LABELS = vocabulary("key main core primary this these such its our other some typical example")
"""First words of what a sentence lists ("Key capabilities include ...") and that is no entity."""
