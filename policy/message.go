package policy

// String returns the ARN of the principal, or "anonymous".
func (p Principal) String() string {
	if p.Type == Anonymous {
		return "anonymous"
	}
	return p.ARN
}

// Message returns the sentence with which AWS denies the request, "" when it is allowed. An explicit
// denial names the policy when its id is an ARN.
func (d Decision) Message(r *Request) string {
	if d.Result == Allowed {
		return ""
	}
	kind := d.Kind
	if kind == TrustPolicy || kind == DelegationPolicy {
		kind = ResourcePolicy
	}
	text := "User: " + r.Principal.String() + " is not authorized to perform: " + r.Action() + " on resource: " + r.Resource()
	if d.Result == ImplicitDeny {
		return text + " because no " + kind.String() + " allows the " + r.Action() + " action"
	}
	text += " with an explicit deny in a " + kind.String()
	if _, ok := splitARN(d.Policy); ok {
		text += ": " + d.Policy
	}
	return text
}
