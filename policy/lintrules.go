package policy

// lintRules are everything that Lint looks for, in the order of docs/linting.md.
var lintRules = []LintRule{
	{
		ID: "malformed", Severity: Error,
		Doc: "The text is no policy of its kind, and AWS refuses it.",
	},
	{
		ID: "too-large", Severity: Error, document: tooLarge,
		Doc:  "The document is larger than AWS takes.",
		Help: "Remove white space (--minify), use wildcards, or divide the document.",
	},
	{
		ID: "nearly-full", Severity: Note, document: nearlyFull,
		Doc:  "Less than a tenth of the size that AWS takes is left.",
		Help: "Remove white space (--minify), use wildcards, or divide the document.",
	},
	{
		ID: "long-statement", Severity: Note, statement: longStatement,
		Doc:  "A statement is longer than 2,000 characters.",
		Help: "Give each purpose a statement with a Sid of its own, or use wildcards.",
	},
	{
		ID: "no-version", Severity: Note, document: noVersion,
		Doc:  "The document has no Version and is read in the language of 2008.",
		Help: `Write "Version": "2012-10-17" first.`,
	},
	{
		ID: "variable-in-2008", Severity: Warning, document: variableIn2008,
		Doc:  "A policy variable stands in a document of the language of 2008, where it is plain text.",
		Help: `Write "Version": "2012-10-17".`,
	},
	{
		ID: "unreachable-statement", Severity: Warning, statement: unreachableStatement,
		Doc:  "A Deny of the same document covers everything that an Allow applies to.",
		Help: "Remove the Allow, or narrow the Deny: an Allow is no exception from a Deny.",
	},
	{
		ID: "redundant-statement", Severity: Warning, statement: redundantStatement,
		Doc:  "Another statement of the same effect covers everything that a statement applies to.",
		Help: "Remove the statement, or narrow the other.",
	},
	{
		ID: "redundant-value", Severity: Note, statement: redundantValue,
		Doc:  "An action or resource of a list is covered by another one of the list.",
		Help: "Remove the value.",
	},
	{
		ID: "denies-everything", Severity: Warning, statement: deniesEverything,
		Doc:  "A Deny without condition is for every action on every resource.",
		Help: "Say which actions, or under which condition. Nobody whom the policy binds can do anything.",
	},
	{
		ID: "nothing-allowed", Severity: Warning, document: nothingAllowed,
		Doc:  "A permissions boundary, session policy or endpoint policy without an Allow lets nothing pass.",
		Help: "Add a statement that allows what may pass, such as everything.",
	},
	{
		ID: "allow-beside-deny", Severity: Warning, statement: allowBesideDeny,
		Doc:  "A service control policy that denies also allows something, but not everything.",
		Help: "A service control policy grants nothing, and an Allow is no exception from a Deny. Beside FullAWSAccess the Allow has no effect; without it, everything else is denied. Put exceptions into the Condition, NotAction or NotResource of the Deny, and allow lists into a policy of their own.",
	},
	{
		ID: "allow-list", Severity: Note, document: allowList,
		Doc:  "A service control policy is a list of what is allowed, which has no effect beside FullAWSAccess.",
		Help: "It limits only where FullAWSAccess is detached from the same root, unit or account. It grants nothing: identity policies must allow as well.",
	},
	{
		ID: "unknown-service", Severity: Warning, document: unknownService,
		Doc:  "No service has the prefix of an action.",
		Help: "See the service authorization reference. If the service is new, give a newer list with --actions.",
	},
	{
		ID: "unknown-action", Severity: Warning, statement: unknownAction,
		Doc:  "A service has no such action.",
		Help: "See the service authorization reference: actions are not always called as the operations of the API. If the action is new, give a newer list with --actions.",
	},
	{
		ID: "pattern-without-action", Severity: Warning, statement: patternWithoutAction,
		Doc:  "No action of the service matches a pattern.",
		Help: "See the service authorization reference. If the actions are new, give a newer list with --actions.",
	},
	{
		ID: "allow-not-action", Severity: Warning, statement: allowNotAction,
		Doc:  "Allow with NotAction allows all actions of all services but those listed, and those yet to come.",
		Help: "List what is allowed in Action, or allow everything and deny the rest.",
	},
	{
		ID: "allow-not-resource", Severity: Warning, statement: allowNotResource,
		Doc:  "Allow with NotResource allows the use of all resources but those listed, and of those yet to come.",
		Help: "List what is allowed in Resource, or allow everything and deny the rest.",
	},
	{
		ID: "deny-not-principal", Severity: Warning, statement: denyNotPrincipal,
		Doc:  "Deny with NotPrincipal denies more than it seems to.",
		Help: "It hits every principal that has a permissions boundary, and an account in the list exempts its root user only. Use Principal \"*\" with a condition ArnNotLike on aws:PrincipalArn.",
	},
	{
		ID: "public-access", Severity: Warning, statement: publicAccess,
		Doc:  "A resource policy or trust policy allows something to everybody, without a condition.",
		Help: "Name the principals, or add a condition such as StringEquals on aws:PrincipalOrgID.",
	},
	{
		ID: "region-denies-global", Severity: Warning, condition: regionDeniesGlobal,
		Doc:  "A Deny outside of some regions denies global services, whose requests are in us-east-1.",
		Help: "Add the actions of global services to NotAction, or us-east-1 to the regions.",
	},
	{
		ID: "no-break-glass", Severity: Warning, statement: noBreakGlass,
		Doc:  "A Deny of a service or resource control policy does not exempt a break-glass role. Needs the option.",
		Help: "Add a condition ArnNotLike on aws:PrincipalArn with the ARN of the role, such as arn:aws:iam::*:role/BreakGlass.",
	},
	{
		ID: "rcp-denies-services", Severity: Warning, condition: rcpDeniesServices,
		Doc:  "A resource control policy denies whoever is not of the organization, and AWS services are not.",
		Help: `Add a condition BoolIfExists on aws:PrincipalIsAWSService with the value "false".`,
	},
	{
		ID: "rcp-without-effect", Severity: Warning, statement: rcpWithoutEffect,
		Doc:  "A resource control policy does not bind kms:RetireGrant.",
		Help: "Control who may create grants: kms:CreateGrant.",
	},
	{
		ID: "unknown-key", Severity: Warning, condition: unknownConditionKey,
		Doc:  "A condition key does not exist: no global key has the name, or no service the prefix.",
		Help: "A key that does not exist is never in a request. See the global condition keys, and the keys of services in the service authorization reference.",
	},
	{
		ID: "no-set-operator", Severity: Warning, condition: noSetOperator,
		Doc:  "A key with many values is compared without ForAnyValue or ForAllValues, and then never matches.",
		Help: "Put ForAnyValue: or ForAllValues: before the operator.",
	},
	{
		ID: "set-operator-on-one-value", Severity: Warning, condition: setOperatorOnOneValue,
		Doc:  "A key with one value is compared with ForAnyValue or ForAllValues.",
		Help: "Leave the set operator out. ForAllValues also holds when the key is absent.",
	},
	{
		ID: "allow-when-absent", Severity: Warning, condition: allowWhenAbsent,
		Doc:  "An Allow with ForAllValues applies when the key is absent.",
		Help: `Add a condition Null with the value "false" on the same key.`,
	},
	{
		ID: "allow-if-exists", Severity: Note, condition: allowIfExists,
		Doc:  "An Allow with IfExists, or with a negated operator, applies when the key is absent.",
		Help: `If that is not meant, leave IfExists out, or add a condition Null with the value "false" on the same key.`,
	},
	{
		ID: "mfa-without-if-exists", Severity: Warning, condition: mfaWithoutIfExists,
		Doc:  "A Deny without multi-factor authentication does not hit long-term access keys, whose requests lack the key.",
		Help: "Write BoolIfExists.",
	},
	{
		ID: "invalid-operand", Severity: Warning, condition: invalidOperand,
		Doc:  "A value is none that its operator can compare with, where AWS does not refuse it.",
		Help: "Write what the operator compares: a number, a date, an IP address or block, an ARN of six parts. A Deny with an ARN operator applies when an operand is no ARN.",
	},
	{
		ID: "not-a-boolean", Severity: Warning, condition: notABoolean,
		Doc:  "A value of Bool or Null is neither true nor false, and read as false.",
		Help: "Write true or false.",
	},
	{
		ID: "wildcard-in-equals", Severity: Warning, condition: wildcardInEquals,
		Doc:  "A value of StringEquals or a relative holds * or ?, which are plain characters there.",
		Help: "Write StringLike or StringNotLike, or ${*} and ${?} if the characters are meant.",
	},
	{
		ID: "pattern-in-arn-equals", Severity: Note, condition: patternInArnEquals,
		Doc:  "ArnEquals and ArnNotEquals take wildcards, which their names hide.",
		Help: "Write ArnLike or ArnNotLike, which do the same.",
	},
	{
		ID: "session-in-principal-arn", Severity: Warning, condition: sessionInPrincipalARN,
		Doc:  "aws:PrincipalArn is compared with the ARN of a session, which it never holds.",
		Help: "Write the ARN of the role: arn:aws:iam::ACCOUNT:role/NAME.",
	},
}
