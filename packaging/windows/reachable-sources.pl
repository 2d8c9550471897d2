# Prints those of a library's files that are needed once these headers are included: reachable-sources.pl HEADER…, in the
# folder of Poco's sources. A header brings the file of its name, and that one its own headers.
use strict;
use warnings;

# Configurations that are read from XML and JSON, which we have switched off.
my %seen = map { $_ => 1 } qw(Util/XMLConfiguration.h Util/JSONConfiguration.h);
my %part = (Net => 'Net', Crypto => 'Crypto', Util => 'Util');
my (@sources, @todo);

sub source_of {
    my ($header) = @_;
    my ($folder, $name) = $header =~ m{^(?:(\w+)/)?(\w+)\.h$} or return ();
    return () if $name =~ /_/; # the half of another file for one system
    my @parts = !defined $folder ? ('Foundation') : $folder eq 'Net' ? ('Net', 'NetSSL_OpenSSL') : ($part{$folder} // 'none');
    return grep { -e } map { "$_/src/$name.cpp" } @parts;
}

@todo = @ARGV;
while (defined(my $header = shift @todo)) {
    next if $seen{$header}++;
    my @files = source_of($header);
    push @sources, @files;
    push @files, grep { -e } map { "$_/include/Poco/$header" } qw(Foundation Crypto Net NetSSL_OpenSSL Util);
    while (defined(my $file = shift @files)) {
        open my $lines, '<', $file or die "$file: $!\n";
        (my $folder = $file) =~ s{/[^/]*$}{};
        while (<$lines>) {
            push @todo, $1 if m{^\s*\#\s*include\s*[<"]Poco/([\w/]+\.h)};
            # A file may have its other half in another file, one for each system.
            push @files, "$folder/$1" if m{^\s*\#\s*include\s*"(\w+WIN\w+\.cpp)"} && -e "$folder/$1";
        }
    }
}
print "$_\n" for sort @sources;
