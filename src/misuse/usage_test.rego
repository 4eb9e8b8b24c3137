# Tests of the shipped policy: every rule fires once and has a near miss.
package audit.usage_test

import data.audit.usage

facts := {
	"purposes": ["triage"],
	"domains": ["dermatology"],
	"prohibited_uses": ["self-diagnosis"],
	"approvals": {"A-1": "2026-06-30"},
	"review_below": 0.8,
}

record := {
	"id": "r1",
	"ts": "2026-06-30T23:59:59Z",
	"approval_id": "A-1",
	"purpose": "triage",
	"domain": "dermatology",
	"use": "second-reading",
	"output": {"label": "malignant", "confidence": 0.8, "decision": "adverse"},
	"review": {"required": false, "done": false},
}

denied(change) := rules if {
	rules := {d.rule | some d in usage.deny} with input as object.union(record, change)
		with data.audit.purposes as facts.purposes
		with data.audit.domains as facts.domains
		with data.audit.prohibited_uses as facts.prohibited_uses
		with data.audit.approvals as facts.approvals
		with data.audit.review_below as facts.review_below
}

test_a_proper_use_is_not_denied if denied({}) == set()

test_purpose if denied({"purpose": "marketing"}) == {"purpose_not_allowed"}

test_purpose_is_compared_exactly if denied({"purpose": "Triage"}) == {"purpose_not_allowed"}

test_domain if denied({"domain": "radiology"}) == {"domain_not_allowed"}

test_prohibited_use if denied({"use": "self-diagnosis"}) == {"prohibited_use"}

test_use_near_miss if denied({"use": "self-diagnosis-training"}) == set()

test_approval_expires_after_its_last_day if {
	denied({"ts": "2026-07-01T00:00:00Z"}) == {"approval_expired"}
}

test_approval_unknown if denied({"approval_id": "A-2"}) == {"approval_unknown"}

test_review_below_the_limit if {
	denied({"output": {"label": "malignant", "confidence": 0.79, "decision": "adverse"}}) == {"missing_review"}
}

test_review_done if {
	denied({
		"output": {"label": "malignant", "confidence": 0.79, "decision": "adverse"},
		"review": {"required": true, "done": true},
	}) == set()
}

test_review_required if {
	denied({"review": {"required": true, "done": false}}) == {"missing_review"}
}

test_a_favourable_decision_needs_no_review if {
	denied({"output": {"label": "benign", "confidence": 0.1, "decision": "favourable"}}) == set()
}
