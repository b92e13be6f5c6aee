package identity

import (
	"testing"

	"github.com/espalier-cloud/espalier/policy"
)

func TestMalformedTrustPolicy(t *testing.T) {
	for _, tt := range []struct{ document, text string }{
		{``, "This policy contains invalid Json"},
		{`{`, "This policy contains invalid Json"},
		{`{"Statement":[],"Statement":[]}`, "This policy contains invalid Json"},
		{`[]`, "Syntax errors in policy."},
		{`{}`, "Syntax errors in policy."},
		{`{"Statement":{"Effect":"allow","Principal":"*","Action":"sts:AssumeRole"}}`, "Syntax errors in policy."},
		{`{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject"}}`, "Syntax errors in policy."},
		{`{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}}`, "Syntax errors in policy."},
	} {
		wantRefusal(t, checkDocument(policy.TrustPolicy, tt.document), MalformedPolicyDocument, tt.text)
	}
}
