# The shipped usage policy. One evaluation per log record.
#
#   input       the record, typed and checked before it comes here; `ts` is in UTC
#   data.audit  the declared facts: purposes, domains, prohibited_uses, approvals, review_below
#
# A field that a record does not have is `undefined` and a rule that reads it does not fire. That is
# why missing fields are counted before the policy runs, and why a message may only mention fields
# that the body has read: an undefined message would silence its rule.
package audit.usage

deny contains {"rule": "purpose_not_allowed", "message": message} if {
	count(data.audit.purposes) > 0
	not input.purpose in data.audit.purposes
	message := sprintf("the purpose \"%v\" is not one of the allowed purposes", [input.purpose])
}

deny contains {"rule": "domain_not_allowed", "message": message} if {
	count(data.audit.domains) > 0
	not input.domain in data.audit.domains
	message := sprintf("the domain \"%v\" is not one of the allowed domains", [input.domain])
}

deny contains {"rule": "prohibited_use", "message": message} if {
	input.use in data.audit.prohibited_uses
	message := sprintf("the use \"%v\" is prohibited", [input.use])
}

# An approval holds until the end of its last day, in UTC.
deny contains {"rule": "approval_expired", "message": message} if {
	expires := data.audit.approvals[input.approval_id]
	day := substring(input.ts, 0, 10)
	day > expires
	message := sprintf("the approval \"%v\" expired on %v, the use is of %v", [input.approval_id, expires, day])
}

deny contains {"rule": "approval_unknown", "message": message} if {
	count(data.audit.approvals) > 0
	not data.audit.approvals[input.approval_id]
	message := sprintf("the approval \"%v\" is not declared", [input.approval_id])
}

# An adverse decision that the model was unsure of, or that had to be reviewed, and nobody reviewed.
deny contains {"rule": "missing_review", "message": message} if {
	input.output.decision == "adverse"
	review_due
	not input.review.done
	message := "an adverse decision that needed human review has none"
}

review_due if input.review.required

review_due if input.output.confidence < data.audit.review_below
