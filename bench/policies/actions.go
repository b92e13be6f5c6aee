package policies

import (
	"slices"
	"strings"
)

// services are the actions from which statements and requests are drawn: the service prefix, then the names.
const services = `
ec2 RunInstances StartInstances StopInstances TerminateInstances DescribeInstances DescribeImages DescribeVolumes CreateVolume DeleteVolume CreateSnapshot CreateTags DeleteTags CreateVpc DeleteVpc CreateSubnet DeleteSubnet AttachInternetGateway CreateInternetGateway CreateVpcPeeringConnection AcceptVpcPeeringConnection CreateSecurityGroup AuthorizeSecurityGroupIngress RevokeSecurityGroupIngress DeleteFlowLogs ModifyImageAttribute ModifyInstanceMetadataOptions AllocateAddress AssociateAddress
s3 GetObject PutObject DeleteObject ListBucket ListAllMyBuckets CreateBucket DeleteBucket PutBucketPolicy DeleteBucketPolicy PutBucketAcl PutObjectAcl PutBucketPublicAccessBlock PutAccountPublicAccessBlock GetBucketLocation PutEncryptionConfiguration PutLifecycleConfiguration PutBucketLogging PutBucketVersioning
iam CreateUser DeleteUser CreateAccessKey DeleteAccessKey CreateRole DeleteRole UpdateRole UpdateAssumeRolePolicy AttachRolePolicy DetachRolePolicy PutRolePolicy DeleteRolePolicy PutRolePermissionsBoundary DeleteRolePermissionsBoundary PassRole GetRole ListRoles GetUser ListUsers CreatePolicy CreatePolicyVersion CreateSAMLProvider DeleteSAMLProvider CreateLoginProfile TagRole UntagRole
sts AssumeRole AssumeRoleWithSAML GetFederationToken GetSessionToken DecodeAuthorizationMessage
kms Encrypt Decrypt GenerateDataKey CreateKey DescribeKey ScheduleKeyDeletion DisableKey PutKeyPolicy CreateAlias DeleteAlias ListKeys
lambda CreateFunction UpdateFunctionCode UpdateFunctionConfiguration DeleteFunction InvokeFunction GetFunction ListFunctions AddPermission CreateFunctionUrlConfig PublishLayerVersion
dynamodb GetItem PutItem UpdateItem DeleteItem Query Scan CreateTable DeleteTable UpdateTable DescribeTable ListTables
rds CreateDBInstance ModifyDBInstance DeleteDBInstance CreateDBSnapshot ModifyDBSnapshotAttribute DeleteDBSnapshot DescribeDBInstances CreateDBCluster DeleteDBCluster
sqs SendMessage ReceiveMessage DeleteMessage CreateQueue DeleteQueue SetQueueAttributes GetQueueUrl ListQueues
sns Publish Subscribe CreateTopic DeleteTopic SetTopicAttributes AddPermission ListTopics
logs CreateLogGroup CreateLogStream PutLogEvents DeleteLogGroup DeleteLogStream PutRetentionPolicy PutSubscriptionFilter DescribeLogGroups FilterLogEvents
cloudtrail StopLogging DeleteTrail UpdateTrail PutEventSelectors CreateTrail LookupEvents DescribeTrails DeleteEventDataStore
config DeleteConfigurationRecorder StopConfigurationRecorder DeleteDeliveryChannel DeleteConfigRule PutConfigRule DescribeConfigRules DeleteAggregationAuthorization
guardduty DeleteDetector UpdateDetector DisassociateFromAdministratorAccount DeleteMembers StopMonitoringMembers CreateFilter ListFindings GetFindings
securityhub DisableSecurityHub DeleteInsight DisassociateMembers UpdateStandardsControl GetFindings BatchDisableStandards
access-analyzer DeleteAnalyzer CreateAnalyzer ListFindings DeleteArchiveRule
cloudformation CreateStack UpdateStack DeleteStack DescribeStacks CreateChangeSet ExecuteChangeSet SetStackPolicy
cloudwatch PutMetricData GetMetricData PutMetricAlarm DeleteAlarms DisableAlarmActions PutDashboard DescribeAlarms
events PutRule DeleteRule DisableRule PutTargets RemoveTargets PutEvents ListRules
ecr GetAuthorizationToken BatchGetImage PutImage CreateRepository DeleteRepository SetRepositoryPolicy DeleteLifecyclePolicy
ecs RunTask CreateCluster DeleteCluster CreateService UpdateService DeleteService RegisterTaskDefinition DescribeServices
eks CreateCluster DeleteCluster UpdateClusterConfig DescribeCluster ListClusters CreateAccessEntry
secretsmanager GetSecretValue CreateSecret UpdateSecret DeleteSecret PutResourcePolicy DescribeSecret ListSecrets
ssm GetParameter PutParameter DeleteParameter SendCommand StartSession DescribeParameters CreateDocument
elasticloadbalancing CreateLoadBalancer DeleteLoadBalancer CreateListener ModifyListener DescribeLoadBalancers SetSecurityGroups
route53 ChangeResourceRecordSets CreateHostedZone DeleteHostedZone ListHostedZones GetHostedZone
cloudfront CreateDistribution UpdateDistribution DeleteDistribution ListDistributions CreateInvalidation
organizations LeaveOrganization DescribeOrganization ListAccounts DescribeAccount
account EnableRegion DisableRegion PutAlternateContact GetContactInformation CloseAccount
backup DeleteBackupVault DeleteRecoveryPoint UpdateBackupPlan DeleteBackupPlan StartBackupJob ListBackupVaults
elasticfilesystem CreateFileSystem DeleteFileSystem PutFileSystemPolicy CreateMountTarget DescribeFileSystems
glue CreateJob StartJobRun DeleteJob CreateDatabase GetTables DeleteTable
athena StartQueryExecution GetQueryResults CreateWorkGroup DeleteWorkGroup
redshift CreateCluster DeleteCluster ModifyCluster AuthorizeSnapshotAccess DescribeClusters
sagemaker CreateNotebookInstance CreateTrainingJob CreateEndpoint DeleteEndpoint InvokeEndpoint ListModels
bedrock InvokeModel InvokeModelWithResponseStream CreateModelInvocationJob ListFoundationModels PutUseCaseForModelAccess
ram CreateResourceShare AssociateResourceShare AcceptResourceShareInvitation EnableSharingWithAwsOrganization
wafv2 DeleteWebACL UpdateWebACL DisassociateWebACL DeleteLoggingConfiguration ListWebACLs
states StartExecution CreateStateMachine UpdateStateMachine DeleteStateMachine ListExecutions
apigateway GET POST PUT DELETE PATCH
codebuild StartBuild CreateProject DeleteProject UpdateProject BatchGetBuilds
support CreateCase DescribeCases ResolveCase
budgets ViewBudget ModifyBudget CreateBudgetAction
ce GetCostAndUsage GetReservationCoverage CreateCostCategoryDefinition
gamelift CreateFleet CreateBuild DeleteFleet StartGameSessionPlacement
workmail CreateOrganization CreateUser DeleteOrganization
mediaconvert CreateJob CancelJob GetJob
robomaker CreateRobot CreateSimulationJob DeleteRobot
`

// forbiddenServices are left out where a level lists the services that it allows.
const forbiddenServices = "gamelift workmail mediaconvert robomaker"

// catalogue is the table of services, split.
type catalogue struct {
	names   []string            // of the services, in the order of the table
	actions map[string][]string // by service, with its prefix
}

func newCatalogue() catalogue {
	c := catalogue{actions: map[string][]string{}}
	for line := range strings.Lines(strings.TrimSpace(services)) {
		fields := strings.Fields(line)
		service := fields[0]
		c.names = append(c.names, service)
		for _, name := range fields[1:] {
			c.actions[service] = append(c.actions[service], service+":"+name)
		}
	}
	return c
}

// allowed returns the services of a level that lists what it allows.
func (c catalogue) allowed() []string {
	forbidden := strings.Fields(forbiddenServices)
	var patterns []string
	for _, name := range c.names {
		if !slices.Contains(forbidden, name) {
			patterns = append(patterns, name+":*")
		}
	}
	return patterns
}
