package authzen

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/espalier-cloud/espalier/policy"
)

// answer is a decision with what it was made from.
type answer struct {
	problem     *problem // why there is no decision
	request     *policy.Request
	policies    *policy.Policies
	decision    policy.Decision
	explanation *policy.Explanation // when it was asked for
}

func (a *answer) allowed() bool { return a.problem == nil && a.decision.Result == policy.Allowed }

// append appends the answer as JSON: the decision, and in the context the reasons.
func (a *answer) append(out []byte) []byte {
	out = append(out, `{"decision":`...)
	out = strconv.AppendBool(out, a.allowed())
	begin := len(out)
	switch {
	case a.problem != nil:
		out = append(out, `,"error":{"status":`...)
		out = strconv.AppendInt(out, int64(a.problem.status), 10)
		out = append(quoted(append(out, `,"message":`...), a.problem.message), '}')
	default:
		out = a.appendReasons(out)
	}
	if len(out) == begin {
		return append(out, '}')
	}
	out = append(slices.Insert(out, begin+1, []byte(`"context":{`)...), "}}"...)
	return out
}

// appendReasons appends the members of the context, each behind a comma.
func (a *answer) appendReasons(out []byte) []byte {
	if !a.allowed() {
		sentence := a.decision.Message(a.request)
		out = append(quoted(append(out, `,"reason_admin":{"en":`...), sentence+a.where(sentence)), '}')
		out = append(quoted(append(out, `,"reason_user":{"en":`...), sentence), '}')
	}
	if a.decision.Kind != 0 { // nothing had to allow what root users do
		out = append(a.appendDecider(append(out, `,"decided_by":{`...)), '}')
	}
	if a.explanation != nil {
		filters, _ := json.Marshal(a.explanation.Filters, jsontext.AllowInvalidUTF8(true)) // texts and numbers: cannot fail
		out = append(append(out, `,"explanation":`...), filters...)
	}
	return out
}

// where says for administrators what the sentence for users does not: where the
// decision was made.
func (a *answer) where(sentence string) string {
	text := ""
	if a.decision.Target != "" {
		text += ", at " + a.decision.Target
	}
	if s := a.policies.Statement(a.decision); s != nil {
		text += ", statement " + strconv.Itoa(a.decision.Statement+1)
		if s.Sid != "" {
			text += " (" + s.Sid + ")"
		}
		if !strings.HasSuffix(sentence, a.decision.Policy) {
			text += " of " + a.decision.Policy
		}
	}
	return text
}

// appendDecider appends what decided: the type of the policies, and where one
// statement did, which it was.
func (a *answer) appendDecider(out []byte) []byte {
	d := &a.decision
	out = quoted(append(out, `"kind":`...), d.Kind.String())
	if d.Target != "" {
		out = quoted(append(out, `,"target":`...), d.Target)
	}
	s := a.policies.Statement(*d)
	if s == nil {
		return out
	}
	out = quoted(append(out, `,"policy":`...), d.Policy)
	out = strconv.AppendInt(append(out, `,"statement":`...), int64(d.Statement), 10)
	if s.Sid != "" {
		out = quoted(append(out, `,"sid":`...), s.Sid)
	}
	out = strconv.AppendInt(append(out, `,"line":`...), int64(s.Start.Line), 10)
	return strconv.AppendInt(append(out, `,"column":`...), int64(s.Start.Column), 10)
}

// quoted appends a text as a JSON string.
func quoted(out []byte, text string) []byte {
	out, _ = jsontext.AppendQuote(out, text) // its error is about invalid UTF-8, which it replaces
	return out
}
