#include "installer/client/option_table.h"

#include "installer/client/ascii.h"

#include <algorithm>
#include <vector>

namespace autodeploy {

namespace {

using enum OptionKind;
using enum OptionHome;

constexpr bool repeatable = true;
constexpr bool ranked = true;

// Options that decide something here carry their values; of the others it is enough to know that they exist.
constexpr OptionRow option_rows[]{
    OptionRow{"ARCHMC"},
    OptionRow{"ARCHSYMLinkasfile"},
    OptionRow{"ASNODEname", text, either},
    OptionRow{"ASRMODE"},
    OptionRow{"AUDITLOGGing"},
    OptionRow{"AUDITLOGName"},
    OptionRow{"AUTODEPLOY", word, user, false, "No|NOReboot|Yes", ranked},
    OptionRow{"AUTOFsrename"},
    OptionRow{"BACKMC"},
    OptionRow{"BACKUPREGistry"},
    OptionRow{"BASESNAPSHOTName"},
    OptionRow{"CADLISTENonport"},
    OptionRow{"CASESENSITIVEAware"},
    OptionRow{"CHAngingretries"},
    OptionRow{"CLUSTERDISKSOnly", word, either, false, "Yes|No"},
    OptionRow{"CLUSTERNode", word, either, false, "Yes|No"},
    OptionRow{"COLlocatebyfilespec"},
    OptionRow{"COMMMethod", word, system},
    OptionRow{"COMMRESTARTDuration"},
    OptionRow{"COMMRESTARTInterval"},
    OptionRow{"COMPRESSAlways"},
    OptionRow{"COMPRESSIon"},
    OptionRow{"CONSOLE"},
    OptionRow{"CREATENEWBase"},
    OptionRow{"DATEformat"},
    OptionRow{"DEDUPCACHEPath"},
    OptionRow{"DEDUPCACHESize"},
    OptionRow{"DEDUPLication"},
    OptionRow{"DEFAULTServer", text, system},
    OptionRow{"DFSBackupmntpnt"},
    OptionRow{"DIRMc"},
    OptionRow{"DISABLENQR"},
    OptionRow{"DISKBuffsize"},
    OptionRow{"DISKCACHELocation"},
    OptionRow{"DOMain", text, either, repeatable},
    OptionRow{"DOMAIN.IMAge", text, either, repeatable},
    OptionRow{"DOMAIN.NAS", text, either, repeatable},
    OptionRow{"DOMAIN.SNAPSHOT", text, either, repeatable},
    OptionRow{"DOMAIN.VMFULL", text, either, repeatable},
    OptionRow{"DONTLOAD"},
    OptionRow{"DYNAMICImage"},
    OptionRow{"EFSDEcrypt"},
    OptionRow{"ENABLE8DOT3NAMEsupport"},
    OptionRow{"ENABLEARCHIVERETENTIONPRotection"},
    OptionRow{"ENABLEDEDUPCache"},
    OptionRow{"ENABLEINSTRUMentation"},
    OptionRow{"ENABLELanfree"},
    OptionRow{"ENCRYPTIONType"},
    OptionRow{"ENCryptkey"},
    OptionRow{"ERRORLOGMAX", word},
    OptionRow{"ERRORLOGName", text, system},
    OptionRow{"ERRORLOGRetention", words},
    OptionRow{"EXclude", text, either, repeatable},
    OptionRow{"EXCLUDE.ARCHive", text, either, repeatable},
    OptionRow{"EXCLUDE.ATTRIBUTE.SYMLINK", text, either, repeatable},
    OptionRow{"EXCLUDE.BACKup", text, either, repeatable},
    OptionRow{"EXCLUDE.COMPRESSION", text, either, repeatable},
    OptionRow{"EXCLUDE.DEDUP", text, either, repeatable},
    OptionRow{"EXCLUDE.DIR", text, either, repeatable},
    OptionRow{"EXCLUDE.ENCRYPT", text, either, repeatable},
    OptionRow{"EXCLUDE.FILE", text, either, repeatable},
    OptionRow{"EXCLUDE.FILE.BACKUP", text, either, repeatable},
    OptionRow{"EXCLUDE.FS", text, either, repeatable},
    OptionRow{"EXCLUDE.FS.NAS", text, either, repeatable},
    OptionRow{"EXCLUDE.IMAGE", text, either, repeatable},
    OptionRow{"EXCLUDE.VMDISK", text, either, repeatable},
    OptionRow{"FBBRANCH"},
    OptionRow{"FBCLIENTLOCATION"},
    OptionRow{"FBPOLICYLOCATION"},
    OptionRow{"FBREPOSLOCATION"},
    OptionRow{"FOLlowsymbolic"},
    OptionRow{"FORCEFAILOVER"},
    OptionRow{"GROups"},
    OptionRow{"HSMBACKENDMODE"},
    OptionRow{"HSMLOGEVENTFLAGS"},
    OptionRow{"HSMLOGMAX"},
    OptionRow{"HSMLOGNAME"},
    OptionRow{"HSMLOGRETENTION"},
    OptionRow{"HTTPport"},
    OptionRow{"IEOBJType"},
    OptionRow{"IMAGEGapsize"},
    OptionRow{"INCLExcl", text, either, repeatable},
    OptionRow{"INclude", text, either, repeatable},
    OptionRow{"INCLUDE.ARCHive", text, either, repeatable},
    OptionRow{"INCLUDE.ATTRIBUTE.SYMLINK", text, either, repeatable},
    OptionRow{"INCLUDE.BACKup", text, either, repeatable},
    OptionRow{"INCLUDE.COMPRESSION", text, either, repeatable},
    OptionRow{"INCLUDE.DEDUP", text, either, repeatable},
    OptionRow{"INCLUDE.ENCRYPT", text, either, repeatable},
    OptionRow{"INCLUDE.FILE", text, either, repeatable},
    OptionRow{"INCLUDE.FS", text, either, repeatable},
    OptionRow{"INCLUDE.FS.NAS", text, either, repeatable},
    OptionRow{"INCLUDE.IMAGE", text, either, repeatable},
    OptionRow{"INCLUDE.SYSTEMSTATE", text, either, repeatable},
    OptionRow{"INCLUDE.VM", text, either, repeatable},
    OptionRow{"INCLUDE.VMDISK", text, either, repeatable},
    OptionRow{"INCLUDE.VMSNAPSHOTATTEMPTS", text, either, repeatable},
    OptionRow{"INCLUDE.VMTSMVSS", text, either, repeatable},
    OptionRow{"INSTRLOGMAX"},
    OptionRow{"INSTRLOGName"},
    OptionRow{"JOURNALPipe"},
    OptionRow{"LANFREECommmethod"},
    OptionRow{"LANFREESHMport"},
    OptionRow{"LANFREESSL"},
    OptionRow{"LANFREETCPPort"},
    OptionRow{"LANFREETCPServeraddress"},
    OptionRow{"LANGuage"},
    OptionRow{"MAKEsparsefile"},
    OptionRow{"MANAGEDServices", words, system},
    OptionRow{"MAXCMDRetries"},
    OptionRow{"MAXRECONCILEPROC"},
    OptionRow{"MBOBJREFRESHTHRESH"},
    OptionRow{"MBPCTREFRESHTHRESH"},
    OptionRow{"MEMORYEFficientbackup"},
    OptionRow{"MIGFILEEXPiration"},
    OptionRow{"MINMIGFILESIZE"},
    OptionRow{"MYPRIMARYServername"},
    OptionRow{"MYREPLICATIONServer"},
    OptionRow{"NAMEDpipename"},
    OptionRow{"NASNodename"},
    OptionRow{"NFSTIMEout"},
    OptionRow{"NODename", text, either},
    OptionRow{"NRTABLEPath"},
    OptionRow{"NUMberformat"},
    OptionRow{"OPTIONFormat"},
    OptionRow{"PASsword", text, either},
    OptionRow{"PASSWORDAccess", word, system, false, "prompt|generate", ranked},
    OptionRow{"PASSWORDDIR", text, system},
    OptionRow{"PERFCOMMTIMEOUTSECS"},
    OptionRow{"PERFMONCOMMTIMEOUTSECS"},
    OptionRow{"PERFMONTCPPORT"},
    OptionRow{"PERFMONTCPSERVERADDRESS"},
    OptionRow{"POSTNSchedulecmd", text, system},
    OptionRow{"POSTSchedulecmd", text, system},
    OptionRow{"POSTSNAPshotcmd", text, system},
    OptionRow{"PRENSchedulecmd", text, system},
    OptionRow{"PRESchedulecmd", text, system},
    OptionRow{"PRESERVELastaccessdate"},
    OptionRow{"PRESNAPshotcmd", text, system},
    OptionRow{"QUERYSCHedperiod", word, system},
    OptionRow{"QUIET"},
    OptionRow{"QUOTESARELiteral"},
    OptionRow{"REMOVEOPerandlimit"},
    OptionRow{"REPlace"},
    OptionRow{"REPLSERVERGUID"},
    OptionRow{"REPLSERVERName", text, system, repeatable},
    OptionRow{"REPLSSLPORT"},
    OptionRow{"REPLTCPPort"},
    OptionRow{"REPLTCPServeraddress"},
    OptionRow{"RESETARCHIVEATTRibute"},
    OptionRow{"RESOURceutilization"},
    OptionRow{"RESTOREMIGSTate"},
    OptionRow{"RETRYPeriod"},
    OptionRow{"REVOKEremoteaccess"},
    OptionRow{"RUNASService"},
    OptionRow{"SCHEDCMDDisabled", word, system, false, "Yes|No", ranked},
    OptionRow{"SCHEDCMDException", text, system, repeatable},
    OptionRow{"SCHEDGRoup"},
    OptionRow{"SCHEDLOGMAX", word, system},
    OptionRow{"SCHEDLOGName", text, system},
    OptionRow{"SCHEDLOGRetention", words, system},
    OptionRow{"SCHEDMODe", word, system, false, "POlling|PRompted"},
    OptionRow{"SCHEDRESTRETRDisabled", word, system, false, "Yes|No", ranked},
    OptionRow{"SCROLLLines"},
    OptionRow{"SCROLLPrompt"},
    OptionRow{"SErvername", text, either},
    OptionRow{"SESSIONINITiation", word, system, false, "SERVEROnly|Client", ranked},
    OptionRow{"SESSIONSECURITY"},
    OptionRow{"SHMPort"},
    OptionRow{"SKIPACL"},
    OptionRow{"SKIPACLUPdatecheck"},
    OptionRow{"SKIPMISSINGSYSWFILES"},
    OptionRow{"SKIPNTPermissions"},
    OptionRow{"SKIPNTSecuritycrc"},
    OptionRow{"SKIPSYSTEMexclude"},
    OptionRow{"SNAPDIFFCHANGELOGDIR"},
    OptionRow{"SNAPDIFFHTTPS"},
    OptionRow{"SNAPSHOTCACHELocation"},
    OptionRow{"SNAPSHOTCACHESize"},
    OptionRow{"SNAPSHOTFSIDLERetries"},
    OptionRow{"SNAPSHOTFSIDLEWait"},
    OptionRow{"SNAPSHOTPROVIDERFs"},
    OptionRow{"SNAPSHOTPROVIDERImage"},
    OptionRow{"SNAPSHOTROOT"},
    OptionRow{"SRVOPTSETENCryptiondisabled"},
    OptionRow{"SRVPREPOSTSCHEDDisabled", word, system, false, "Yes|No", ranked},
    OptionRow{"SRVPREPOSTSNAPDisabled", word, system, false, "Yes|No", ranked},
    OptionRow{"SSL", word, system, false, "No|Yes"},
    OptionRow{"SSLACCEPTCERTFROMSERV", word, system, false, "No|Yes", ranked},
    OptionRow{"SSLDISABLELEGACYtls", word, system, false, "Yes|No"},
    OptionRow{"SSLFIPSMODE"},
    OptionRow{"SSLREQuired"},
    OptionRow{"STAGINGDIRectory"},
    OptionRow{"SUbdir"},
    OptionRow{"SYSTEMSTATEBACKUPMETHOD"},
    OptionRow{"TAGSCHEDULE"},
    OptionRow{"TAPEprompt"},
    OptionRow{"TCPADMINPort"},
    OptionRow{"TCPBuffsize"},
    OptionRow{"TCPCADAddress"},
    OptionRow{"TCPCLIENTAddress"},
    OptionRow{"TCPCLIENTPort"},
    OptionRow{"TCPNodelay"},
    OptionRow{"TCPPort", word, system},
    OptionRow{"TCPServeraddress", text, system},
    OptionRow{"TCPWindowsize"},
    OptionRow{"TESTFLAG", text, either, repeatable},
    OptionRow{"TIMEformat"},
    OptionRow{"TOCDESTination"},
    OptionRow{"TRACEFILE"},
    OptionRow{"TRACEFLAGS", text, either, repeatable},
    OptionRow{"TRACEMAX"},
    OptionRow{"TRACESEGSIZE"},
    OptionRow{"TXNBytelimit"},
    OptionRow{"UPDATECTime"},
    OptionRow{"USEDIRectory"},
    OptionRow{"USEREPLICATIONFailover"},
    OptionRow{"USERS"},
    OptionRow{"VERBOSE"},
    OptionRow{"VIRTUALFSNAME"},
    OptionRow{"VIRTUALMountpoint", text, system, repeatable},
    OptionRow{"VIRTUALNodename"},
    OptionRow{"VMAUTOSTARTVM"},
    OptionRow{"VMBACKDir"},
    OptionRow{"VMBACKMAILBOXHISTORY"},
    OptionRow{"VMBACKNODELETE"},
    OptionRow{"VMBACKUPLOCATION"},
    OptionRow{"VMBACKUPMAILBOXHISTORY"},
    OptionRow{"VMBACKUPTYPE"},
    OptionRow{"VMCHOST"},
    OptionRow{"VMCPW"},
    OptionRow{"VMCTLMC"},
    OptionRow{"VMCUSER"},
    OptionRow{"VMDATAcenter"},
    OptionRow{"VMDATASTORE"},
    OptionRow{"VMDATASTOREThreshold"},
    OptionRow{"VMDEFAULTDVPORTGROUP"},
    OptionRow{"VMDEFAULTDVSWITCH"},
    OptionRow{"VMDEFAULTNETWORK"},
    OptionRow{"VMENABLETEMPLATEBACKUPS"},
    OptionRow{"VMEXPireprotect"},
    OptionRow{"VMFULLNODELETE"},
    OptionRow{"VMFULLTYPE"},
    OptionRow{"VMISCSIAdapter"},
    OptionRow{"VMISCSIServeraddress"},
    OptionRow{"VMLIMITPERDATASTORE"},
    OptionRow{"VMLIMITPERHOST"},
    OptionRow{"VMLIST"},
    OptionRow{"VMMAXBACKUPSESSIONS"},
    OptionRow{"VMMAXPARALLEL"},
    OptionRow{"VMMAXPERSNAPSHOT"},
    OptionRow{"VMMAXRESTORESESSIONS"},
    OptionRow{"VMMAXSNAPSHOTRETRY"},
    OptionRow{"VMMAXVIRTUALDISKS"},
    OptionRow{"VMMC"},
    OptionRow{"VMMOUNTAge"},
    OptionRow{"VMNOPRDMDISKS"},
    OptionRow{"VMNOVRDMDISKS"},
    OptionRow{"VMPREFERDAGPASSIVE"},
    OptionRow{"VMPROCESSVMWITHINDEPENDENT"},
    OptionRow{"VMPROCESSVMWITHPRDM"},
    OptionRow{"VMPROCESSWITHPRDM"},
    OptionRow{"VMREPlica"},
    OptionRow{"VMSKIPCTLCOMPRESSION"},
    OptionRow{"VMSKIPMAXVIRTUALDISKS"},
    OptionRow{"VMSKIPPHYSDISKS"},
    OptionRow{"VMSTORAGETYPE"},
    OptionRow{"VMTAGDATAMOVER"},
    OptionRow{"VMTAGDEFAULTDATAMOVER"},
    OptionRow{"VMTEMPDATASTORE"},
    OptionRow{"VMTIMEOUT"},
    OptionRow{"VMVERIFYIFACTION"},
    OptionRow{"VMVERIFYIFLATEST"},
    OptionRow{"VMVSTORCOMPR"},
    OptionRow{"VMVSTORTRANSPORT"},
    OptionRow{"VSSALTSTAGINGDIR"},
    OptionRow{"WEBPorts"},
    OptionRow{"WILDCARDSAREliteral"},
};

std::size_t shortest(std::string_view spelling) {
    const auto lower = std::find_if(spelling.begin(), spelling.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    const auto capitals = static_cast<std::size_t>(lower - spelling.begin());
    return capitals == 0 ? spelling.size() : capitals;
}

bool means(std::string_view spelling, std::string_view word) {
    return word.size() >= shortest(spelling) && starts_with_ignoring_case(spelling, word);
}

std::vector<std::string_view> values_of(const OptionRow& row) {
    std::vector<std::string_view> values;
    std::string_view rest = row.values;
    while (!rest.empty()) {
        const std::size_t bar = std::min(rest.find('|'), rest.size());
        values.push_back(rest.substr(0, bar));
        rest.remove_prefix(std::min(bar + 1, rest.size()));
    }
    return values;
}

} // namespace

std::span<const OptionRow> option_table() {
    return option_rows;
}

const OptionRow* find_option(std::string_view word) {
    const OptionRow* found = nullptr;
    if (word.empty()) return nullptr;
    for (const OptionRow& row : option_rows) {
        if (lower_case(row.name.front()) != lower_case(word.front())) continue; // most rows end here
        if (same_ignoring_case(row.name, word)) return &row;
        if (found == nullptr && means(row.name, word)) found = &row;
    }
    return found;
}

std::string option_name(const OptionRow& row) {
    return lower_case(row.name);
}

std::string option_keyword(const OptionRow& row, std::string_view written) {
    for (const std::string_view value : values_of(row))
        if (means(value, written)) return lower_case(value);
    return {};
}

std::size_t option_rank(const OptionRow& row, std::string_view keyword) {
    std::size_t rank = 0;
    for (const std::string_view value : values_of(row)) {
        if (same_ignoring_case(value, keyword)) return rank;
        ++rank;
    }
    return 0;
}

} // namespace autodeploy
