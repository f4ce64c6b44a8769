namespace MnistLstm.Api.Telemetry;

/// <summary>Event ids of log messages. They are stable, so that alerts can rely on them.</summary>
internal static class LogEvents
{
    public const int Defect = 1;

    public const int Started = 2;
    public const int ModelServes = 3;
    public const int KeysOff = 4;
    public const int KeysNeeded = 5;
    public const int Listening = 6;
    public const int Page = 7;
    public const int UnknownSetting = 8;

    public const int DrainingStarted = 10;
    public const int Stopping = 11;
    public const int Stopped = 12;

    public const int ModelLoaded = 20;
    public const int FileRejected = 21;
    public const int FileGone = 22;
    public const int FolderUnreadable = 23;

    public const int KeysRead = 30;
    public const int KeysRejected = 31;

    public const int CorrectionNotKept = 40;
    public const int CorrectionsFull = 41;
}
