# Prepares a Request Tracker for the test of its destination: an account with the
# rights that the documentation asks for and no others, a custom field for the
# key, and a token, which is printed.
use strict;
use warnings;
use RT;
RT::LoadConfig();
RT::Init();

my $system = RT->SystemUser;

sub made { my ( $ok, $message ) = @_; die $message unless $ok }

my $user = RT::User->new($system);
made( $user->Create( Name => 'earshot', Password => 'hear-hear-1', Privileged => 1 ) );
my $queue = RT::Queue->new($system);
$queue->Load('General');
for my $right (@ARGV) {
    made( $user->PrincipalObj->GrantRight( Right => $right, Object => $queue ) );
}

my $key = RT::CustomField->new($system);
made( $key->Create( Name => 'EarshotKey', Type => 'FreeformSingle', LookupType => RT::Ticket->CustomFieldLookupType ) );
made( $key->AddToObject($queue) );

my $person = RT::User->new($system);
made( $person->Create( Name => 'desk', Password => 'hear-hear-2', Privileged => 1 ) );
made( $person->PrincipalObj->GrantRight( Right => 'SuperUser', Object => RT->System ) );

my ( $ok, $message, $token ) = RT::AuthToken->new($system)->Create( Owner => $user->id, Description => 'test' );
made( $ok, $message );
print "$token\n";
