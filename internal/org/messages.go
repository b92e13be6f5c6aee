package org

// messages are the sentences that clients read, by kind. They are AWS's own
// where they are known, because scripts look for them: odd spacing and missing
// articles included.
var messages = map[Kind]string{
	NotInUse:                              "Your account is not a member of an organization.",
	AccessDenied:                          "You don't have permissions to access this resource.",
	AccountAlreadyClosed:                  "The provided account is already closed.",
	AccountAlreadyRegistered:              "The provided account is already a delegated administrator for your organization.",
	AccountNotFound:                       "You specified an account that doesn't exist.",
	AccountNotRegistered:                  "The provided account is not a registered delegated administrator for your organization.",
	AccountOwnerNotVerified:               "You can't invite accounts before the e-mail address of the management account is verified.",
	AlreadyInOrganization:                 "The AWS account is already a member of an organization.",
	ChildNotFound:                         "You specified a child that doesn't exist.",
	Conflict:                              "The request conflicts with the current state of the account. Try again later.",
	CreateAccountStatusNotFound:           "You specified a create account request that doesn't exist.",
	DestinationParentNotFound:             "You specified a destination parent that doesn't exist.",
	DuplicateAccount:                      "The account is already present in the specified destination.",
	DuplicateHandshake:                    "A handshake with the same action and target already exists.",
	DuplicateOrganizationalUnit:           "An OU with the same name already exists.",
	DuplicatePolicyAttachment:             "A policy with the specified name and type already exists.",
	DuplicatePolicy:                       "A policy with the specified name and type already exists.",
	EffectivePolicyNotFound:               "The specified policy type is not enabled. Enable that policy type on your organization root and then retry.",
	FinalizingOrganization:                "AWS Organizations could not finalize the creation of your organization. Try again later. If this persists, contact AWS customer support.",
	HandshakeAlreadyInState:               "The specified handshake is already in the requested state.",
	HandshakeNotFound:                     "You specified a handshake that doesn't exist.",
	InvalidHandshakeTransition:            "You can't perform the operation on the handshake in its current state.",
	MalformedPolicyDocument:               "The provided policy document does not meet the requirements of the specified policy type.",
	MasterCannotLeaveOrganization:         "You can't remove the management account from its organization. Remove all member accounts first, then delete the organization.",
	OrganizationNotEmpty:                  "To delete an organization you must first remove all member accounts (except the master).",
	OrganizationalUnitNotEmpty:            "The specified organizational unit is not empty. Move all accounts and remove all child OUs first.",
	OrganizationalUnitNotFound:            "You specified an organizational unit that doesn't exist.",
	ParentNotFound:                        "You specified parent that doesn't exist.",
	PolicyChangesInProgress:               "Changes to the policies of this type are still in progress. Try again later.",
	PolicyInUse:                           "The policy is attached to one or more entities. You must detach it from all roots, OUs, and accounts before performing this operation.",
	PolicyNotAttached:                     "The policy isn't attached to the specified target.",
	PolicyNotFound:                        "We can't find a policy with the PolicyId that you specified.",
	PolicyTypeAlreadyEnabled:              "The specified policy type is already enabled.",
	PolicyTypeNotAvailableForOrganization: "You can't use the specified policy type with the feature set that is enabled for this organization.",
	PolicyTypeNotEnabled:                  "This operation can be performed only for enabled policy types.",
	ResourcePolicyNotFound:                "Your organization doesn't have a resource policy.",
	RootNotFound:                          "You specified a root that doesn't exist.",
	SourceParentNotFound:                  "You specified a source parent that doesn't exist.",
	TargetNotFound:                        "You specified a target that doesn't exist.",
	UnsupportedAPIEndpoint:                "AWS Organizations doesn't support this operation in the partition of this endpoint.",
}

// reasons are the sentences that clients read, by reason.
var reasons = map[Reason]string{
	// ConstraintViolation.
	"ACCOUNT_CREATION_NOT_COMPLETE":                                "Your account setup isn't complete or your account isn't fully active.",
	"ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED":                         "You have exceeded the number of accounts that you can create in one day.",
	"ALL_FEATURES_MIGRATION_ORGANIZATION_SIZE_LIMIT_EXCEEDED":      "Your organization has more accounts than this migration to all features supports. Contact AWS Support.",
	"MASTER_ACCOUNT_ADDRESS_DOES_NOT_MATCH_MARKETPLACE":            "The country or region in the address of the management account doesn't match its marketplace.",
	"MASTER_ACCOUNT_MISSING_BUSINESS_LICENSE":                      "The management account needs a valid business license.",
	"MASTER_ACCOUNT_MISSING_CONTACT_INFO":                          "The contact information of the management account is incomplete.",
	"MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED":                   "The management account must be configured with a valid payment method, such as a credit card.",
	"ACCOUNT_CANNOT_LEAVE_ORGANIZATION":                            "The account can't leave the organization in its current state.",
	"ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA":                            standaloneNeeds,
	"ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION":              standaloneNeeds,
	"ACCOUNT_NUMBER_LIMIT_EXCEEDED":                                "You have exceeded the allowed number of AWS accounts.",
	"CANNOT_CLOSE_MANAGEMENT_ACCOUNT":                              "You can't close the management account of an organization.",
	"CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR":            "You cannot register management account/yourself as delegated administrator for your organization.",
	"CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR": "You can't register a suspended or closed account as a delegated administrator.",
	"CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG":               "You can't remove a delegated administrator from the organization. Deregister it for all services first.",
	"CLOSE_ACCOUNT_QUOTA_EXCEEDED":                                 "You have exceeded close account quota for the past 30 days.",
	"CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED":                        "You have exceeded the number of accounts that can be in the process of closing at the same time.",
	"CREATE_ORGANIZATION_IN_BILLING_MODE_UNSUPPORTED_REGION":       "You can't create an organization with only consolidated billing features in this Region.",
	"DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE":              "A delegated administrator already exists for this service. Deregister it before you register another one.",
	"INVALID_PAYMENT_INSTRUMENT":                                   "The payment method of the account isn't supported.",
	"MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED":      "You have reached the maximum number of delegated administrators for the service.",
	"MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED":                    "You have attached the maximum number of policies to the specified target.",
	"MAX_TAG_LIMIT_EXCEEDED":                                       "You have exceeded the number of tags allowed on the resource.",
	"MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED":                   "The member account must be configured with a valid payment method, such as a credit card.",
	"MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED":                    "You cannot remove the last policy attached to the specified target. You must have at least one attached at all times.",
	"ORGANIZATION_NOT_IN_ALL_FEATURES_MODE":                        "The request failed because the organization does not have all features enabled. Please enable all features in your organization and then retry.",
	"OU_DEPTH_LIMIT_EXCEEDED":                                      "You cannot add an organizational unit to the specified parent because it would exceed the max depth allowed.",
	"OU_NUMBER_LIMIT_EXCEEDED":                                     "You have exceeded the number of organizational units allowed in the organization.",
	"POLICY_CONTENT_LIMIT_EXCEEDED":                                "You have exceeded the maximum policy size.",
	"POLICY_NUMBER_LIMIT_EXCEEDED":                                 "You have exceeded the number of policies of this type allowed in the organization.",
	"POLICY_TYPE_ENABLED_FOR_THIS_SERVICE":                         "You must disable the policy type of this service before you disable the service's access.",
	"SERVICE_ACCESS_NOT_ENABLED":                                   "You must enable service access before you delegate an administrator for this service. Call the AWS API EnableAWSServiceAccess first.",
	"TAG_POLICY_VIOLATION":                                         "The tags don't comply with the tag policy that is in force for the account.",
	"WAIT_PERIOD_ACTIVE":                                           "This operation requires a wait period.  Try again later.",

	// HandshakeConstraintViolation, beside ACCOUNT_NUMBER_LIMIT_EXCEEDED.
	"ALREADY_IN_AN_ORGANIZATION":                             "The account is already a member of the organization.",
	"HANDSHAKE_RATE_LIMIT_EXCEEDED":                          "You have exceeded the number of handshakes that you can send in one day.",
	"INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES":             "You can't invite accounts while the organization is in the process of enabling all features.",
	"MANAGEMENT_ACCOUNT_EMAIL_NOT_VERIFIED":                  "The e-mail address of the management account that sent the invitation isn't verified.",
	"ORGANIZATION_ALREADY_HAS_ALL_FEATURES":                  "All features are already enabled on this organization.",
	"ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD":           "The account and the organization have different sellers of record.",
	"ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION": "The organization is already in the process of enabling all features.",
	"ORGANIZATION_MEMBERSHIP_CHANGE_RATE_LIMIT_EXCEEDED":     "The account changed its organization too short a time ago.",
	"PAYMENT_INSTRUMENT_REQUIRED":                            "The account must be configured with a valid payment method, such as a credit card.",

	// AccessDeniedForDependency.
	"ACCESS_DENIED_DURING_CREATE_SERVICE_LINKED_ROLE": "The operation requires the permission iam:CreateServiceLinkedRole for organizations.amazonaws.com.",

	// InvalidInput.
	"INVALID_EMAIL_ADDRESS_TARGET":                            "You specified an invalid e-mail address for the target of the handshake.",
	"INVALID_PARTY_TYPE_TARGET":                               "You specified the wrong type of entity as the target of the handshake.",
	"MAX_LIMIT_EXCEEDED_FILTER":                               "You can specify only one filter.",
	"DUPLICATE_TAG_KEY":                                       "You specified the same tag key more than once.",
	"IMMUTABLE_POLICY":                                        "You can't change a policy that AWS manages.",
	"INPUT_REQUIRED":                                          "You must provide a value for every required parameter.",
	"INVALID_PATTERN":                                         "You provided a value that does not match the required pattern.",
	"INVALID_PRINCIPAL":                                       "The resource policy names a principal that isn't valid.",
	"INVALID_RESOURCE_POLICY_JSON":                            "The resource policy isn't a valid policy document.",
	"INVALID_ROLE_NAME":                                       "A role name can't begin with the reserved prefix AWSServiceRoleFor.",
	"INVALID_SYSTEM_TAGS_PARAMETER":                           "A tag key can't begin with the reserved prefix aws:.",
	"MAX_LENGTH_EXCEEDED":                                     "You provided a value that is too long.",
	"NON_DETACHABLE_POLICY":                                   "You can't detach this policy.",
	"TARGET_NOT_SUPPORTED":                                    "You specified a target that is not currently supported.",
	"UNRECOGNIZED_SERVICE_PRINCIPAL":                          "You specified an unrecognized service principal.",
	"UNSUPPORTED_ACTION_IN_RESOURCE_POLICY":                   "The resource policy names an action that can't be delegated.",
	"UNSUPPORTED_POLICY_TYPE_IN_RESOURCE_POLICY":              "The resource policy names a policy type that can't be delegated.",
	"UNSUPPORTED_RESOURCE_IN_RESOURCE_POLICY":                 "The resource policy names a resource that can't be delegated.",
	"UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED": "You can give tags to a resource policy only when you create it. Use TagResource for one that exists.",

	// TooManyRequests.
	RequestInProgress: "AWS Organizations can't complete your request because another request is already in progress. Try again later.",
	RequestRate:       "You have sent too many requests in too short a period of time. Try again later.",
}

// standaloneNeeds is what AWS says of an account that lacks what only an
// account outside any organization needs.
const standaloneNeeds = "The member account is missing one or more of the prerequisites required to operate as a standalone account. " +
	"To add what is missing, sign-in to the member account using the AWS Organizations console, then select to leave the organization. " +
	"You will then be prompted to enter any missing information."
