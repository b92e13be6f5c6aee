package policy

import "strings"

// sized makes a document of so many characters.
func sized(characters int) string {
	text := document2012(fullAccess, deny(`"s3:*"`))
	return text + strings.Repeat(" ", characters-len(text))
}

// trust makes a statement of a trust policy.
func trust(sid string) string {
	return `{"Sid":"` + sid + `","Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}`
}

// onResource makes a Deny statement for resources.
func onResource(resources ...string) string {
	return `{"Effect":"Deny","Action":"s3:*","Resource":["` + strings.Join(resources, `","`) + `"]}`
}

// onPrincipal makes a Deny statement with a condition on the ARN of the principal.
func onPrincipal(operator string, arns ...string) string {
	return deny(`"s3:*"`, `{"`+operator+`":{"aws:PrincipalArn":["`+strings.Join(arns, `","`)+`"]}}`)
}

const elsewhere = `{"StringNotEquals":{"aws:RequestedRegion":["eu-central-1","eu-west-1"]}}`

var ruleCases = []ruleCase{
	{
		rule: "malformed", kind: ServiceControlPolicy, path: "/Statement/0/Action",
		bad:  []string{document2012(deny(`"s3"`))},
		good: []string{document2012(deny(`"s3:*"`))},
	},
	{
		rule: "too-large", kind: ServiceControlPolicy,
		bad:  []string{sized(10_241)},
		good: []string{sized(10_240)},
	},
	{
		rule: "too-large", kind: TrustPolicy,
		bad:  []string{document2012(trust(strings.Repeat("x", 2_048)))},
		good: []string{document2012(trust("x")) + strings.Repeat(" ", 2_048)}, // white space does not count
	},
	{
		rule: "nearly-full", kind: ServiceControlPolicy,
		bad:  []string{sized(10_240), sized(9_217)},
		good: []string{sized(9_216), sized(10_241)},
	},
	{
		rule: "nearly-full", kind: ResourcePolicy, // the quota is that of the service
		good: []string{document2012(toEverybody(deny(`"s3:*"`))) + strings.Repeat(" ", 20_000)},
	},
	{
		rule: "long-statement", kind: ServiceControlPolicy, path: "/Statement/1",
		bad:  []string{document2012(fullAccess, deny(`["`+strings.Repeat(`s3:GetObject","`, 150)+`s3:*"]`))},
		good: []string{document2012(fullAccess, deny(`["s3:*"`+strings.Repeat(" ", 3000)+`]`))},
	},
	{
		rule: "no-version", kind: IdentityPolicy,
		bad:  []string{`{"Statement":` + allow(`"s3:*"`) + `}`},
		good: []string{document2012(allow(`"s3:*"`))},
	},
	{
		rule: "variable-in-2008", kind: IdentityPolicy, path: "/Statement/Resource/1",
		bad: []string{
			`{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":["*","arn:aws:s3:::b/${aws:username}"]}}`,
			`{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::a","arn:aws:s3:::b/${aws:username}"]}}`,
		},
		good: []string{
			document2012(`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}"}`),
			`{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username"}}`,
		},
	},
	{
		rule: "variable-in-2008", kind: IdentityPolicy, path: "/Statement/Condition/StringEquals/aws:PrincipalTag~1team",
		bad:  []string{`{"Statement":` + allow(`"s3:*"`, `{"StringEquals":{"aws:PrincipalTag/team":"${aws:ResourceTag/team}"}}`) + `}`},
		good: []string{`{"Statement":` + allow(`"s3:*"`, `{"StringEquals":{"aws:PrincipalTag/team":"team"}}`) + `}`},
	},
	{
		rule: "unreachable-statement", kind: IdentityPolicy, path: "/Statement/0",
		bad: []string{
			document2012(allow(`"s3:GetObject"`), deny(`"s3:*"`)),
			document2012(allow(`["S3:getObject","s3:Put?bject"]`), deny(`"*"`)),
			document2012(allow(`"s3:GetObject"`, `{"Bool":{"aws:SecureTransport":"true"}}`), deny(`"s3:Get*"`)),
			document2012(allow(`"s3:GetObject"`), `{"Effect":"Deny","NotAction":["ec2:*","s3:Put*"],"Resource":"*"}`),
			document2012(`{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}`, `{"Effect":"Deny","NotAction":"s3:Get*","Resource":"*"}`),
		},
		good: []string{
			document2012(allow(`"s3:*"`), deny(`"s3:GetObject"`)),
			document2012(allow(`"s3:GetObject"`), deny(`"s3:*"`, `{"Bool":{"aws:SecureTransport":"false"}}`)),
			document2012(allow(`"s3:GetObject"`), `{"Effect":"Deny","NotAction":["ec2:*","s3:Get*"],"Resource":"*"}`),
			document2012(allow(`"s3:GetObject"`), onResource("arn:aws:s3:::b")),
			document2012(`{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}`, deny(`"ec2:*"`)),
		},
	},
	{
		rule: "redundant-statement", kind: ServiceControlPolicy, path: "/Statement/2",
		bad: []string{
			document2012(fullAccess, deny(`"s3:*"`), deny(`"s3:GetObject"`)),
			document2012(fullAccess, deny(`"s3:*"`), deny(`"s3:*"`)), // the second of two that say the same
			document2012(fullAccess, deny(`"s3:*"`, elsewhere), deny(`"s3:*"`, `{"StringNotEquals":{"AWS:RequestedRegion":["eu-west-1","eu-central-1","eu-west-3"]}}`)),
			document2012(fullAccess, deny(`"s3:*"`, `{"StringEquals":{"aws:RequestedRegion":["a","b"]}}`), deny(`"s3:*"`, `{"StringEquals":{"aws:RequestedRegion":"b"}}`)),
			document2012(fullAccess, `{"Effect":"Deny","NotAction":"s3:Get*","Resource":"*"}`, `{"Effect":"Deny","NotAction":["s3:*","ec2:*"],"Resource":"*"}`),
			document2012(fullAccess, onResource("arn:aws:s3:::b*"), onResource("arn:aws:s3:::b/${aws:username}/x")),
			document2012(fullAccess, onResource("arn:aws:s3:::b*"), onResource("arn:aws:s3:::b/${aws:username")),
			document2012(fullAccess, `{"Effect":"Deny","Action":"s3:*","NotResource":"arn:aws:s3:::a*"}`, onResource("arn:aws:s3:::b", "arn:AWS:s3:::b?")),
			document2012(fullAccess, onPrincipal("ArnLike", "arn:aws:iam::*:role/a"), onPrincipal("ArnLike", "arn:aws:iam::*:role/a")),
		},
		good: []string{
			document2012(fullAccess, deny(`"s3:GetObject"`), deny(`"s3:*"`, elsewhere)),
			document2012(fullAccess, onResource("arn:aws:s3:::b/${aws:username}/*"), onResource("arn:aws:s3:::b/x/y")),
			document2012(fullAccess, onResource("arn:aws:s3:::B*"), onResource("arn:aws:s3:::b")),
			document2012(fullAccess, onResource("arn:*:s3:*:*:*"), onResource("arn:aws:s3*")), // a short ARN
			document2012(fullAccess, `{"Effect":"Deny","Action":"s3:*","NotResource":"arn:aws:s3:::a*"}`, onResource("arn:aws:s3:::*b")),
			document2012(fullAccess, deny(`"s3:Get?"`), deny(`"s3:Get*x"`)),
			document2012(fullAccess, onPrincipal("ArnLike", "arn:aws:iam::*:role/a", "arn:aws:iam::*:role/b"), onPrincipal("ArnLike", "arn:aws:iam::*:role/b")),
			// A Deny with an operand that is no ARN applies, whatever its other conditions say.
			document2012(fullAccess, deny(`"s3:*"`, elsewhere), deny(`"s3:*"`, elsewhere[:len(elsewhere)-1]+`,"ArnLike":{"aws:PrincipalArn":"${aws:username}"}}`)),
		},
	},
	{
		rule: "redundant-statement", kind: ServiceControlPolicy, path: "/Statement/1",
		bad: []string{
			document2012(fullAccess, allow(`"s3:*"`)),
			document2012(fullAccess, deny(`"s3:*"`, elsewhere), deny(`"s3:*"`)),
			document2012(fullAccess, deny(`"s3:*"`, elsewhere), deny(`"s3:*"`, `{"StringNotEquals":{"aws:RequestedRegion":"eu-west-1"}}`)),
		},
		good: []string{document2012(fullAccess)},
	},
	{
		rule: "redundant-statement", kind: ResourcePolicy, path: "/Statement/1",
		bad: []string{
			document2012(toEverybody(deny(`"s3:*"`)), `{"Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*"}`),
			document2012(toEverybody(deny(`"s3:*"`)), `{"Effect":"Deny","Principal":"*","Action":"s3:*"}`), // for the resource of the policy
			document2012(`{"Effect":"Deny","NotPrincipal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*"}`, `{"Effect":"Deny","NotPrincipal":{"AWS":["111122223333","444455556666"]},"Action":"s3:*","Resource":"*"}`),
		},
		good: []string{
			document2012(toEverybody(allow(`"s3:*"`)), `{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*"}`), // it grants in another way
			document2012(`{"Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*"}`, `{"Effect":"Deny","NotPrincipal":{"AWS":"444455556666"},"Action":"s3:*","Resource":"*"}`),
		},
	},
	{
		rule: "redundant-value", kind: ServiceControlPolicy, path: "/Statement/1/Action/1",
		bad: []string{
			document2012(fullAccess, deny(`["s3:*","S3:Get*"]`)),
			document2012(fullAccess, deny(`["s3:Get*","s3:Get*"]`)),
			document2012(fullAccess, deny(`["s3:Get*","S3:GET*"]`)),
		},
		good: []string{document2012(fullAccess, deny(`["s3:Get*","s3:*Object","ec2:*"]`))},
	},
	{
		rule: "redundant-value", kind: ServiceControlPolicy, path: "/Statement/1/Resource/1",
		bad:  []string{document2012(fullAccess, onResource("arn:aws:s3:::b*", "arn:aws:s3:::b/c"))},
		good: []string{document2012(fullAccess, onResource("arn:aws:s3:::b", "arn:aws:s3:::b/*"))},
	},
	{
		rule: "denies-everything", kind: ServiceControlPolicy, path: "/Statement/0",
		bad:  []string{document2012(deny(`"*"`))},
		good: []string{document2012(deny(`"*"`, elsewhere)), document2012(deny(`"s3:*"`)), document2012(`{"Effect":"Deny","Action":"*","Resource":"arn:aws:s3:::b"}`)},
	},
	{
		rule: "nothing-allowed", kind: PermissionsBoundary,
		bad:  []string{document2012(deny(`"s3:*"`))},
		good: []string{document2012(deny(`"s3:*"`), fullAccess)},
	},
	{
		rule: "nothing-allowed", kind: ServiceControlPolicy,
		good: []string{document2012(deny(`"s3:*"`))},
	},
	{
		rule: "allow-beside-deny", kind: ServiceControlPolicy, path: "/Statement/1",
		bad:  []string{document2012(deny(`"s3:*"`), allow(`"ec2:*"`))},
		good: []string{document2012(deny(`"s3:*"`), fullAccess), document2012(allow(`"ec2:*"`))},
	},
	{
		rule: "allow-list", kind: ServiceControlPolicy,
		bad:  []string{document2012(allow(`"ec2:*"`)), document2012(allow(`"*"`, elsewhere))},
		good: []string{document2012(fullAccess), document2012(deny(`"s3:*"`), allow(`"ec2:*"`))},
	},
	{
		rule: "unknown-service", kind: ServiceControlPolicy, path: "/Statement/0/NotAction/1",
		bad:  []string{document2012(`{"Effect":"Deny","NotAction":["s3:*","s4:*","s4:Get*"],"Resource":"*"}`)},
		good: []string{document2012(deny(`["S3:*","access-analyzer:*","tag:*"]`))},
	},
	{
		rule: "unknown-action", kind: ServiceControlPolicy, path: "/Statement/0/Action",
		bad:  []string{document2012(deny(`"s3:GetBucket"`)), document2012(deny(`"s3:` + strings.Repeat("x", 200) + `"`))},
		good: []string{document2012(deny(`["s3:getobject","s3:ListBucket","iam:PassRole","s3:Nothing*","s4:GetObject"]`)), document2012(deny(`"*"`))},
	},
	{
		rule: "pattern-without-action", kind: ServiceControlPolicy, path: "/Statement/0/Action",
		bad:  []string{document2012(deny(`"s3:Fetch*"`)), document2012(deny(`"s3:?"`))},
		good: []string{document2012(deny(`["s3:get*","s3:?etObject","s3:*","s3:Fetch","s4:*"]`))},
	},
	{
		rule: "allow-not-action", kind: IdentityPolicy, path: "/Statement/0/NotAction",
		bad:  []string{document2012(`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`)},
		good: []string{document2012(`{"Effect":"Deny","NotAction":"iam:*","Resource":"*"}`)},
	},
	{
		rule: "allow-not-resource", kind: IdentityPolicy, path: "/Statement/0/NotResource",
		bad:  []string{document2012(`{"Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::b"}`)},
		good: []string{document2012(`{"Effect":"Deny","Action":"s3:*","NotResource":"arn:aws:s3:::b"}`)},
	},
	{
		rule: "deny-not-principal", kind: ResourcePolicy, path: "/Statement/0/NotPrincipal",
		bad:  []string{document2012(`{"Effect":"Deny","NotPrincipal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*"}`)},
		good: []string{document2012(toEverybody(deny(`"s3:*"`)))},
	},
	{
		rule: "public-access", kind: ResourcePolicy, path: "/Statement/0/Principal",
		bad:  []string{document2012(toEverybody(allow(`"s3:*"`))), document2012(`{"Effect":"Allow","Principal":{"AWS":["*"]},"Action":"s3:*","Resource":"*"}`)},
		good: []string{document2012(toEverybody(allow(`"s3:*"`, elsewhere))), document2012(toEverybody(deny(`"s3:*"`))), document2012(`{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*"}`)},
	},
	{
		rule: "public-access", kind: EndpointPolicy,
		good: []string{document2012(toEverybody(allow(`"s3:*"`)))},
	},
	{
		rule: "region-denies-global", kind: ServiceControlPolicy, path: "/Statement/0/Condition/StringNotEquals/aws:RequestedRegion",
		bad: []string{
			document2012(deny(`"*"`, elsewhere)),
			document2012(deny(`["ec2:*","IAM:*"]`, elsewhere)),
			document2012(`{"Effect":"Deny","NotAction":["iam:*","organizations:*","route53:*","support:*"],"Resource":"*","Condition":` + elsewhere + `}`),
		},
		good: []string{
			document2012(deny(`"ec2:*"`, elsewhere)),
			document2012(deny(`"*"`, `{"StringNotEquals":{"aws:RequestedRegion":["us-east-1"]}}`)),
			document2012(deny(`"*"`, `{"StringNotLike":{"aws:RequestedRegion":["us-*"]}}`)),
			document2012(allow(`"*"`, elsewhere)),
			document2012(`{"Effect":"Deny","NotAction":["iam:*","organizations:*","route53:*","support:*","CloudFront:Get*"],"Resource":"*","Condition":` + elsewhere + `}`),
		},
	},
	{
		rule: "no-break-glass", kind: ServiceControlPolicy, path: "/Statement/0", breakGlass: []string{"BreakGlass*"},
		bad: []string{
			document2012(deny(`"s3:*"`)),
			document2012(onPrincipal("ArnLike", "arn:aws:iam::*:role/BreakGlass*")),
			document2012(onPrincipal("ArnNotLike", "arn:aws:iam::*:role/BreakGlass")),
			document2012(onPrincipal("ArnNotLike", "arn:aws:iam::*:user/BreakGlass*")),
			document2012(deny(`"s3:*"`, `{"StringNotLike":{"aws:PrincipalTag/role":"BreakGlass*"}}`)),
		},
		good: []string{
			document2012(fullAccess),
			document2012(onPrincipal("ArnNotLike", "arn:aws:iam::*:role/Admin", "arn:aws:iam::*:role/BreakGlass*")),
			document2012(onPrincipal("StringNotLikeIfExists", "arn:*:iam::*:role/*/Break*")),
			document2012(onPrincipal("ArnNotEquals", "arn:aws:iam::*:role/*")),
		},
	},
	{
		rule: "no-break-glass", kind: ResourceControlPolicy, path: "/Statement/0", breakGlass: []string{"arn:aws:iam::111122223333:role/Rescue"},
		bad:  []string{document2012(toEverybody(onPrincipal("ArnNotLike", "arn:aws:iam::444455556666:role/Rescue")))},
		good: []string{document2012(toEverybody(onPrincipal("ArnNotLike", "arn:aws:iam::*:role/Rescue")))},
	},
	{
		rule: "no-break-glass", kind: IdentityPolicy, breakGlass: []string{"Rescue"},
		good: []string{document2012(deny(`"s3:*"`))},
	},
	{
		rule: "rcp-denies-services", kind: ResourceControlPolicy, path: "/Statement/0/Condition/StringNotEqualsIfExists/aws:PrincipalOrgID",
		bad: []string{document2012(toEverybody(deny(`"s3:*"`, `{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}}`)))},
		good: []string{
			document2012(toEverybody(deny(`"s3:*"`, `{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}`))),
			document2012(toEverybody(deny(`"s3:*"`, `{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`))),
		},
	},
	{
		rule: "rcp-without-effect", kind: ResourceControlPolicy, path: "/Statement/0/Action/1",
		bad:  []string{document2012(toEverybody(deny(`["kms:CreateGrant","kms:RetireGrant"]`)))},
		good: []string{document2012(toEverybody(deny(`"kms:*"`)))},
	},
	{
		rule: "rcp-without-effect", kind: ServiceControlPolicy,
		good: []string{document2012(deny(`"kms:RetireGrant"`))},
	},
	{
		rule: "unknown-key", kind: ServiceControlPolicy, path: "/Statement/0/Condition/StringEquals/aws:PrincipalOrgid2",
		bad:  []string{document2012(deny(`"s3:*"`, `{"StringEquals":{"aws:PrincipalOrgid2":"x"}}`))},
		good: []string{document2012(deny(`"s3:*"`, `{"StringEquals":{"AWS:principalorgid":"x","aws:PrincipalTag/any":"x","saml:aud":"x","accounts.google.com:aud":"x","s3:prefix":"x"}}`))},
	},
	{
		rule: "unknown-key", kind: ServiceControlPolicy, path: "/Statement/0/Condition/StringEquals/s4:prefix",
		bad: []string{document2012(deny(`"s3:*"`, `{"StringEquals":{"s4:prefix":"x"}}`))},
	},
	{
		rule: "no-set-operator", kind: ServiceControlPolicy, path: "/Statement/0/Condition/StringNotEquals/aws:TagKeys",
		bad:  []string{document2012(deny(`"ec2:*"`, `{"StringNotEquals":{"aws:TagKeys":"team"}}`))},
		good: []string{document2012(deny(`"ec2:*"`, `{"ForAnyValue:StringNotEquals":{"aws:TagKeys":"team"},"Null":{"aws:TagKeys":"false"},"StringEquals":{"aws:RequestTag/team":"a","other:Key":"b"}}`))},
	},
	{
		rule: "set-operator-on-one-value", kind: ServiceControlPolicy, path: "/Statement/0/Condition/ForAnyValue:StringEquals/aws:RequestTag~1team",
		bad:  []string{document2012(deny(`"ec2:*"`, `{"ForAnyValue:StringEquals":{"aws:RequestTag/team":"a"}}`))},
		good: []string{document2012(deny(`"ec2:*"`, `{"ForAnyValue:StringEquals":{"aws:TagKeys":"a","ec2:Unknown":"b"},"StringEquals":{"aws:RequestTag/team":"a"}}`))},
	},
	{
		rule: "allow-when-absent", kind: IdentityPolicy, path: "/Statement/0/Condition/ForAllValues:StringEquals/aws:TagKeys",
		bad: []string{
			document2012(allow(`"ec2:*"`, `{"ForAllValues:StringEquals":{"aws:TagKeys":"team"}}`)),
			document2012(allow(`"ec2:*"`, `{"ForAllValues:StringEquals":{"aws:TagKeys":"team"},"Null":{"aws:TagKeys":"true"}}`)),
		},
		good: []string{
			document2012(allow(`"ec2:*"`, `{"ForAllValues:StringEquals":{"aws:TagKeys":"team"},"Null":{"aws:tagkeys":"false"}}`)),
			document2012(deny(`"ec2:*"`, `{"ForAllValues:StringEquals":{"aws:TagKeys":"team"}}`)),
			document2012(allow(`"ec2:*"`, `{"ForAnyValue:StringEquals":{"aws:TagKeys":"team"}}`)),
		},
	},
	{
		rule: "allow-if-exists", kind: IdentityPolicy, path: "/Statement/0/Condition/BoolIfExists/aws:MultiFactorAuthPresent",
		bad: []string{document2012(allow(`"ec2:*"`, `{"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}}`))},
		good: []string{
			document2012(allow(`"ec2:*"`, `{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`)),
			document2012(deny(`"ec2:*"`, `{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}`)),
			document2012(allow(`"ec2:*"`, `{"StringNotEquals":{"aws:SourceVpc":"vpc-1"},"Null":{"aws:SourceVpc":false}}`)),
		},
	},
	{
		rule: "allow-if-exists", kind: IdentityPolicy, path: "/Statement/0/Condition/StringNotEquals/aws:SourceVpc",
		bad: []string{document2012(allow(`"ec2:*"`, `{"StringNotEquals":{"aws:SourceVpc":"vpc-1"}}`))},
	},
	{
		rule: "mfa-without-if-exists", kind: ServiceControlPolicy, path: "/Statement/0/Condition/Bool/aws:MultiFactorAuthPresent",
		bad: []string{document2012(deny(`"ec2:*"`, `{"Bool":{"aws:MultiFactorAuthPresent":false}}`))},
		good: []string{
			document2012(deny(`"ec2:*"`, `{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}`)),
			document2012(deny(`"ec2:*"`, `{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`)),
			document2012(deny(`"ec2:*"`, `{"Bool":{"aws:SecureTransport":"false"}}`)),
		},
	},
	{
		rule: "invalid-operand", kind: ServiceControlPolicy, path: "/Statement/0/Condition/NotIpAddressIfExists/aws:SourceIp/1",
		bad:  []string{document2012(deny(`"ec2:*"`, `{"NotIpAddressIfExists":{"aws:SourceIp":["192.0.2.0/24","<my-corporate-cidr>"]}}`))},
		good: []string{document2012(deny(`"ec2:*"`, `{"NotIpAddress":{"aws:SourceIp":["192.0.2.0/24","2001:db8::/32"]},"NumericLessThan":{"s3:max-keys":"${k:v}"}}`))},
	},
	{
		rule: "not-a-boolean", kind: ServiceControlPolicy, path: "/Statement/0/Condition/Bool/aws:SecureTransport/1",
		bad:  []string{document2012(deny(`"ec2:*"`, `{"Bool":{"aws:SecureTransport":["FALSE","no"]}}`))},
		good: []string{document2012(deny(`"ec2:*"`, `{"Bool":{"aws:SecureTransport":["False",true,"${aws:ResourceTag/tls}"]},"StringEquals":{"aws:SourceVpc":"no"}}`))},
	},
	{
		rule: "not-a-boolean", kind: ServiceControlPolicy, path: "/Statement/0/Condition/Null/aws:SourceVpc",
		bad: []string{document2012(deny(`"ec2:*"`, `{"Null":{"aws:SourceVpc":"yes"}}`))},
	},
	{
		rule: "wildcard-in-equals", kind: ServiceControlPolicy, path: "/Statement/0/Condition/StringEquals/aws:SourceVpc",
		bad:  []string{document2012(deny(`"ec2:*"`, `{"StringEquals":{"aws:SourceVpc":"vpc-*"}}`))},
		good: []string{document2012(deny(`"ec2:*"`, `{"StringEquals":{"aws:SourceVpc":"vpc-${*}${?}"},"StringLike":{"aws:SourceVpc":"vpc-*"}}`))},
	},
	{
		rule: "wildcard-in-equals", kind: IdentityPolicy, path: "/Statement/Condition/StringNotEqualsIgnoreCase/aws:SourceVpc",
		bad: []string{`{"Statement":` + deny(`"ec2:*"`, `{"StringNotEqualsIgnoreCase":{"aws:SourceVpc":"vpc-${*}"}}`) + `}`},
	},
	{
		rule: "pattern-in-arn-equals", kind: ServiceControlPolicy, path: "/Statement/0/Condition/ArnNotEquals/aws:PrincipalArn/0",
		bad:  []string{document2012(onPrincipal("ArnNotEquals", "arn:aws:iam::*:role/a"))},
		good: []string{document2012(onPrincipal("ArnNotLike", "arn:aws:iam::*:role/a")), document2012(onPrincipal("ArnEquals", "arn:aws:iam::111122223333:role/a"))},
	},
	{
		rule: "session-in-principal-arn", kind: ServiceControlPolicy, path: "/Statement/0/Condition/StringLike/aws:PrincipalArn/1",
		bad:  []string{document2012(onPrincipal("StringLike", "arn:aws:iam::*:role/a", "arn:aws:sts::*:assumed-role/a/*"))},
		good: []string{document2012(onPrincipal("StringLike", "arn:aws:iam::*:role/a")), document2012(deny(`"s3:*"`, `{"StringLike":{"aws:userid":"x:assumed-role/"}}`))},
	},
}
