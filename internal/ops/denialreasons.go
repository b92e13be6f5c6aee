package ops

import (
	"slices"
	"strings"

	"github.com/espalier-cloud/espalier/policy"
)

// denialReasons are a decoded message, as AWS shows it (STS API reference, DecodeAuthorizationMessage).
// DecidedBy and the operators of conditions are added; ConditionsOmitted counts the condition keys for
// which a message had no room.
type denialReasons struct {
	Allowed           bool                    `json:"allowed"`
	ExplicitDeny      bool                    `json:"explicitDeny"`
	MatchedStatements items[matchedStatement] `json:"matchedStatements"`
	Failures          items[struct{}]         `json:"failures"`
	Context           denialContext           `json:"context"`
	DecidedBy         decider                 `json:"decidedBy"`
}

type denialContext struct {
	Principal struct {
		ID   string `json:"id"`
		Name string `json:"name"`
		ARN  string `json:"arn"`
	} `json:"principal"`
	Action            string               `json:"action"`
	Resource          string               `json:"resource"`
	Conditions        items[conditionItem] `json:"conditions"`
	ConditionsOmitted int                  `json:"conditionsOmitted,omitzero"`
}

type matchedStatement struct {
	Sid          string               `json:"statementId"`
	Effect       string               `json:"effect"`
	Principals   items[valueItem]     `json:"principals"`
	Groups       items[valueItem]     `json:"principalGroups"`
	Actions      items[valueItem]     `json:"actions,omitzero"`
	NotActions   items[valueItem]     `json:"notActions,omitzero"`
	Resources    items[valueItem]     `json:"resources,omitzero"`
	NotResources items[valueItem]     `json:"notResources,omitzero"`
	Conditions   items[conditionItem] `json:"conditions"`
}

type conditionItem struct {
	Operator string           `json:"operator,omitzero"` // where a policy says it
	Key      string           `json:"key"`
	Values   items[valueItem] `json:"values"`
}

type valueItem struct {
	Value string `json:"value"`
}

// decider names the policies that decided and, where one statement did, which it was.
type decider struct {
	Kind      string `json:"kind"`
	Target    string `json:"target,omitzero"`
	Policy    string `json:"policy,omitzero"`
	Statement *int   `json:"statement,omitzero"` // from 0
	Sid       string `json:"sid,omitzero"`
	Line      int    `json:"line,omitzero"`
}

// items is how AWS writes the lists of a decoded message.
type items[T any] struct {
	Items []T `json:"items"`
}

// IsZero tells whether the list is none, which is not the same as empty.
func (i items[T]) IsZero() bool { return i.Items == nil }

func itemsOf[S, T any](of []S, shown func(S) T) items[T] {
	all := items[T]{make([]T, len(of))}
	for i, s := range of {
		all.Items[i] = shown(s)
	}
	return all
}

func values(texts []string) items[valueItem] {
	return itemsOf(texts, func(text string) valueItem { return valueItem{text} })
}

// reasons are those of the message, whole.
func (m *AuthorizationMessage) reasons() denialReasons {
	d := &m.Decision
	r := denialReasons{
		ExplicitDeny:      d.Result == policy.ExplicitDeny,
		MatchedStatements: items[matchedStatement]{[]matchedStatement{}},
		Failures:          items[struct{}]{[]struct{}{}},
		DecidedBy:         decider{Kind: d.Kind.String(), Target: d.Target, Policy: d.Policy},
	}
	who := &r.Context.Principal
	who.ID, who.ARN = m.By.UserID, m.By.ARN
	who.Name = who.ARN[strings.LastIndexAny(who.ARN, "/:")+1:]
	r.Context.Action, r.Context.Resource = m.Request.Action(), m.Request.Resource()
	r.Context.Conditions = m.conditions()
	if s := m.Statement; s != nil {
		r.MatchedStatements.Items = append(r.MatchedStatements.Items, statementThat(s, who.ID))
		r.DecidedBy.Statement, r.DecidedBy.Sid, r.DecidedBy.Line = &d.Statement, s.Sid, s.Start.Line
	}
	return r
}

// conditions are the condition keys of the request: those that the statement asks about before the others.
func (m *AuthorizationMessage) conditions() items[conditionItem] {
	asked := map[string]bool{}
	if m.Statement != nil {
		for _, c := range m.Statement.Conditions {
			asked[strings.ToLower(c.Key)] = true
		}
	}
	var first, others []conditionItem
	for key, value := range m.Request.Context.All() {
		item := conditionItem{Key: key, Values: values(value.Values())}
		switch {
		case len(item.Values.Items) == 0: // is as good as absent
		case asked[strings.ToLower(key)]:
			first = append(first, item)
		default:
			others = append(others, item)
		}
	}
	byKey := func(a, b conditionItem) int { return strings.Compare(a.Key, b.Key) }
	slices.SortFunc(first, byKey)
	slices.SortFunc(others, byKey)
	return items[conditionItem]{slices.Concat([]conditionItem{}, first, others)}
}

// statementThat shows a statement that applies to a principal.
func statementThat(s *policy.Statement, principal string) matchedStatement {
	shown := matchedStatement{
		Sid: s.Sid, Effect: strings.ToUpper(s.Effect.String()),
		Principals: values([]string{principal}), Groups: values(nil),
		Conditions: itemsOf(s.Conditions, func(c policy.Condition) conditionItem {
			return conditionItem{Operator: c.Operator.String(), Key: c.Key, Values: values(c.Values)}
		}),
	}
	if actions := values(s.Actions); s.NotAction {
		shown.NotActions = actions
	} else {
		shown.Actions = actions
	}
	if resources := values(s.Resources); s.NotResource {
		shown.NotResources = resources
	} else {
		shown.Resources = resources
	}
	return shown
}
