package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/espalier-cloud/espalier/policy"
)

// requestFile is a request as docs/deciding.md describes it.
type requestFile struct {
	Principal           string                    `json:"principal"`
	Role                string                    `json:"role"` // the ARN of the role that the session is of, where that has a path
	ServiceLinked       bool                      `json:"serviceLinked"`
	Action              string                    `json:"action"`
	Resource            string                    `json:"resource"`
	ResourceAccount     string                    `json:"resourceAccount"`
	PrincipalMembership string                    `json:"principalMembership"`
	ResourceMembership  string                    `json:"resourceMembership"`
	Context             map[string]jsontext.Value `json:"context"`
}

// parseRequest reads a request. It refuses what it does not know: a misspelled name would change the decision.
func parseRequest(text []byte) (*policy.Request, error) {
	var file requestFile
	err := json.Unmarshal(text, &file, json.RejectUnknownMembers(true))
	var unfit *json.SemanticError
	switch {
	case err == nil:
		return file.request()
	case !errors.As(err, &unfit):
		return nil, fmt.Errorf("the request is not JSON: %w", err)
	case errors.Is(err, json.ErrUnknownName):
		return nil, fmt.Errorf("there is no member %q", unfit.JSONPointer.LastToken())
	case unfit.JSONPointer == "":
		return nil, errors.New("expected an object with principal, action, resource and context")
	}
	return nil, fmt.Errorf("%s: another kind of value is expected", unfit.JSONPointer.LastToken())
}

func (f *requestFile) request() (*policy.Request, error) {
	if f.Principal == "" {
		return nil, errors.New("principal is missing: * is nobody in particular")
	}
	r, err := policy.NewRequest(f.Principal, f.Action, f.Resource)
	if err != nil {
		return nil, err
	}
	if f.Role != "" {
		r.Principal.Issuer = f.Role
	}
	if f.ResourceAccount != "" {
		r.ResourceAccount = f.ResourceAccount
	}
	r.Principal.ServiceLinked = r.Principal.ServiceLinked || f.ServiceLinked || strings.Contains(f.Role, ":role/aws-service-role/")
	if r.PrincipalMembership, err = membership(f.PrincipalMembership); err != nil {
		return nil, fmt.Errorf("principalMembership: %w", err)
	}
	if r.ResourceMembership, err = membership(f.ResourceMembership); err != nil {
		return nil, fmt.Errorf("resourceMembership: %w", err)
	}
	f.impliedKeys(r)
	for key, value := range f.Context {
		if err := setKey(&r.Context, key, value); err != nil {
			return nil, fmt.Errorf("context: %s: %w", key, err)
		}
	}
	return r, nil
}

func membership(name string) (policy.Membership, error) {
	switch name {
	case "", "member":
		return policy.Member, nil
	case "management":
		return policy.ManagementAccount, nil
	case "none":
		return policy.NoOrganization, nil
	default:
		return 0, fmt.Errorf("%q is not member, management or none", name)
	}
}

// impliedKeys sets the condition keys that follow from the request itself. A context that names one, with null where
// the key shall be absent, has the last word.
func (f *requestFile) impliedKeys(r *policy.Request) {
	set := func(key, value string) {
		if !f.says(key) && value != "" {
			r.Context.Set(key, value)
		}
	}
	who := r.Principal
	set("aws:PrincipalAccount", who.Account)
	set("aws:ResourceAccount", r.ResourceAccount)
	switch who.Type {
	case policy.RoleSession:
		set("aws:PrincipalArn", who.Issuer)
	case policy.Service:
		set("aws:PrincipalIsAWSService", "true")
		set("aws:PrincipalServiceName", who.ARN)
		return
	case policy.RootUser, policy.User, policy.Role, policy.FederatedUser:
		set("aws:PrincipalArn", who.ARN)
	case policy.Anonymous, policy.Federated, policy.CanonicalUser:
	}
	set("aws:PrincipalIsAWSService", "false")
}

// says tells whether the context of the file names a key.
func (f *requestFile) says(key string) bool {
	for name := range f.Context {
		if strings.EqualFold(name, key) {
			return true
		}
	}
	return false
}

// setKey sets a condition key to a text, number or boolean, or to a list of these. Null leaves it absent.
func setKey(c *policy.Context, key string, value jsontext.Value) error {
	if value.Kind() == jsontext.KindNull {
		return nil
	}
	if value.Kind() != jsontext.KindBeginArray {
		text, err := scalar(value)
		c.Set(key, text)
		return err
	}
	var list []jsontext.Value
	if err := json.Unmarshal(value, &list); err != nil {
		return err
	}
	values := make([]string, len(list))
	for i, element := range list {
		var err error
		if values[i], err = scalar(element); err != nil {
			return err
		}
	}
	c.SetList(key, values)
	return nil
}

// scalar returns the text of a value as policies compare it.
func scalar(value jsontext.Value) (string, error) {
	switch value.Kind() { //nolint:exhaustive // the others are not scalars
	case jsontext.KindString:
		text, err := jsontext.AppendUnquote(nil, value)
		return string(text), err
	case jsontext.KindNumber, jsontext.KindTrue, jsontext.KindFalse:
		return value.String(), nil
	default:
		return "", errors.New("expected a text, a number, a boolean, a list of these, or null")
	}
}
