package wire

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/api/sts"
)

// call is a request to route.
type call struct {
	method, url, scope string
	header             map[string]string
	body               string
}

func (c call) route() (*Request, error) {
	r := httptest.NewRequest(c.method, c.url, strings.NewReader(c.body))
	for name, value := range c.header {
		r.Header.Set(name, value)
	}
	return Route(r, c.scope, []byte(c.body))
}

func jsonCall(target string) call {
	return call{method: http.MethodPost, url: "/", scope: "organizations", header: map[string]string{
		"X-Amz-Target": target, "Content-Type": jsonContentType,
	}}
}

func formCall(scope, body string) call {
	return call{method: http.MethodPost, url: "/", scope: scope, body: body, header: map[string]string{
		"Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
	}}
}

func TestRouteFindsTheOperation(t *testing.T) {
	withCharset := jsonCall("AWSOrganizationsV20161128.ListRoots")
	withCharset.header["Content-Type"] = "Application/X-Amz-Json-1.1; charset=UTF-8"
	tests := map[string]struct {
		call               call
		service, operation string
		protocol           api.Protocol
	}{
		"organizations":      {jsonCall("AWSOrganizationsV20161128.AttachPolicy"), "organizations", "AttachPolicy", api.JSON},
		"charset":            {withCharset, "organizations", "ListRoots", api.JSON},
		"cloudtrail":         {jsonCall("com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"), "cloudtrail", "LookupEvents", api.JSON},
		"iam form":           {formCall("iam", "Action=GetRole&Version=2010-05-08&RoleName=a"), "iam", "GetRole", api.Query},
		"sts form":           {formCall("sts", "Action=GetCallerIdentity&Version=2011-06-15"), "sts", "GetCallerIdentity", api.Query},
		"sts by version":     {formCall("", "Action=AssumeRoleWithWebIdentity&Version=2011-06-15"), "sts", "AssumeRoleWithWebIdentity", api.Query},
		"sts get":            {call{method: http.MethodGet, url: "/?Action=GetCallerIdentity&Version=2011-06-15", scope: "sts"}, "sts", "GetCallerIdentity", api.Query},
		"sts presigned post": {call{method: http.MethodPost, url: "/?Action=GetCallerIdentity&Version=2011-06-15", scope: "sts"}, "sts", "GetCallerIdentity", api.Query},
		"account":            {call{method: http.MethodPost, url: "/putAccountName", scope: "account"}, "account", "PutAccountName", api.RestJSON},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			q, err := test.call.route()
			if err != nil {
				t.Fatal(err)
			}
			if q.Service.Name != test.service || q.Operation.Name != test.operation || q.Protocol != test.protocol {
				t.Errorf("routed to %s %s by %d", q.Service.Name, q.Operation.Name, q.Protocol)
			}
		})
	}
}

func TestRouteRefuses(t *testing.T) {
	wrongType := jsonCall("AWSOrganizationsV20161128.ListRoots")
	wrongType.header["Content-Type"] = "application/json"
	noType := jsonCall("AWSOrganizationsV20161128.ListRoots")
	delete(noType.header, "Content-Type")
	get := jsonCall("AWSOrganizationsV20161128.ListRoots")
	get.method = http.MethodGet
	tests := map[string]struct {
		call   call
		code   string
		status int
	}{
		"unknown operation":   {jsonCall("AWSOrganizationsV20161128.Nothing"), "UnknownOperationException", 400},
		"unknown service":     {jsonCall("AWSNothing.ListRoots"), "UnknownOperationException", 400},
		"target without dot":  {jsonCall("ListRoots"), "UnknownOperationException", 400},
		"wrong case":          {jsonCall("AWSOrganizationsV20161128.listRoots"), "UnknownOperationException", 400},
		"no target":           {call{method: http.MethodPost, url: "/", scope: "organizations"}, "UnknownOperationException", 400},
		"json by get":         {get, "UnknownOperationException", 400},
		"wrong content type":  {wrongType, "SerializationException", 400},
		"no content type":     {noType, "SerializationException", 400},
		"unknown action":      {formCall("sts", "Action=Nothing&Version=2011-06-15"), "InvalidAction", 400},
		"other version":       {formCall("sts", "Action=GetCallerIdentity&Version=2010-05-08"), "InvalidAction", 400},
		"no version":          {formCall("sts", "Action=GetCallerIdentity"), "InvalidAction", 400},
		"no action":           {formCall("iam", "Version=2010-05-08"), "MissingAction", 400},
		"empty form":          {formCall("", ""), "MissingAction", 400},
		"bad escape":          {formCall("iam", "Action=%zz"), "MalformedQueryString", 400},
		"bad query string":    {call{method: http.MethodGet, url: "/?Action=GetRole&a=%zz", scope: "iam"}, "MalformedQueryString", 400},
		"twice":               {formCall("iam", "Action=GetRole&Action=GetUser&Version=2010-05-08"), "MalformedQueryString", 400},
		"unknown path":        {call{method: http.MethodPost, url: "/nothing", scope: "account"}, "UnknownOperationException", 404},
		"nothing recognized":  {call{method: http.MethodPost, url: "/"}, "UnknownOperationException", 400},
		"form for json scope": {formCall("organizations", "Action=ListRoots&Version=2016-11-28"), "InvalidAction", 400},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			q, err := test.call.route()
			var e Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			if e.ErrorCode() != test.code || e.HTTPStatus() != test.status {
				t.Errorf("got %s with status %d", e.ErrorCode(), e.HTTPStatus())
			}
			w := httptest.NewRecorder()
			q.WriteError(w, "id", e)
			if w.Code != test.status || !strings.Contains(w.Body.String(), test.code) {
				t.Errorf("wrote %d %s", w.Code, w.Body)
			}
		})
	}
}

func TestRouteNamesTheUnknownAction(t *testing.T) {
	_, err := formCall("sts", "Action=Nothing").route()
	if want := "InvalidAction: Could not find operation Nothing for version NO_VERSION_SPECIFIED"; err.Error() != want {
		t.Errorf("got %q", err)
	}
}

func TestInternalTellsNothing(t *testing.T) {
	for _, s := range append(Services(), nil) {
		e := Internal(s)
		if e.HTTPStatus() != http.StatusInternalServerError || e.ErrorMessage() == "" {
			t.Errorf("%v: %v with status %d", s, e, e.HTTPStatus())
		}
	}
	if code := Internal(organizations.Service()).ErrorCode(); code != "ServiceException" {
		t.Errorf("organizations: %s", code)
	}
	if code := Internal(sts.Service()).ErrorCode(); code != "InternalFailure" {
		t.Errorf("sts: %s", code)
	}
}
