namespace MnistLstm.Api.Telemetry;

/// <summary>
/// All log messages of the service. The source generator orders classes by random hashes, so only a single class gives
/// reproducible builds.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(LogEvents.Defect, LogLevel.Error,
        "{Method} {Path} failed with an unhandled exception, request {RequestId}")]
    public static partial void Defect(ILogger logger, string method, string path, string requestId, Exception error);

    [LoggerMessage(LogEvents.ModelLoaded, LogLevel.Information,
        "Now serving model {Name} {Version} (before: {Previous})")]
    public static partial void ModelLoaded(ILogger logger, string name, string version, string previous);

    [LoggerMessage(LogEvents.FileRejected, LogLevel.Warning,
        "{File} is rejected; the served models stay unchanged: {Reason}")]
    public static partial void FileRejected(ILogger logger, string file, string reason);

    [LoggerMessage(LogEvents.FileGone, LogLevel.Warning,
        "{File} was deleted: the model {Name} keeps serving until the next start")]
    public static partial void FileGone(ILogger logger, string file, string name);

    [LoggerMessage(LogEvents.FolderUnreadable, LogLevel.Warning,
        "The model folder cannot be read; polling continues: {Reason}")]
    public static partial void FolderUnreadable(ILogger logger, string reason);

    [LoggerMessage(LogEvents.KeysRead, LogLevel.Information, "The key file was read again; keys now: {Count}")]
    public static partial void KeysRead(ILogger logger, int count);

    [LoggerMessage(LogEvents.KeysRejected, LogLevel.Warning,
        "The key file is unreadable or has a line without a hash: the keys stay unchanged")]
    public static partial void KeysRejected(ILogger logger);

    [LoggerMessage(LogEvents.CorrectionNotKept, LogLevel.Error, "A correction could not be written: {Reason}")]
    public static partial void CorrectionNotKept(ILogger logger, string reason);

    [LoggerMessage(LogEvents.CorrectionsFull, LogLevel.Warning,
        "The folder of corrections is full: no more are kept until there is room")]
    public static partial void CorrectionsFull(ILogger logger);

    [LoggerMessage(LogEvents.Started, LogLevel.Information, "MNIST LSTM {Version} is ready")]
    public static partial void Started(ILogger logger, string version);

    [LoggerMessage(LogEvents.ModelServes, LogLevel.Information,
        "Model {Name} {Version}{Role}: {Accuracy:P2} of {Images:N0} MNIST test images read correctly")]
    public static partial void ModelServes(
        ILogger logger, string name, string version, string role, double accuracy, int images);

    [LoggerMessage(LogEvents.UnknownSetting, LogLevel.Warning, "{Name} is not a setting and is ignored. {Advice}")]
    public static partial void UnknownSetting(ILogger logger, string name, string advice);

    [LoggerMessage(LogEvents.KeysNeeded, LogLevel.Information, "API keys: {Count}; predictions need one")]
    public static partial void KeysNeeded(ILogger logger, int count);

    [LoggerMessage(LogEvents.KeysOff, LogLevel.Information,
        "API keys: off, so anyone who reaches this address can use the service")]
    public static partial void KeysOff(ILogger logger);

    [LoggerMessage(LogEvents.Listening, LogLevel.Information, "Now listening on: {Address}{Protocol}")]
    public static partial void Listening(ILogger logger, string address, string protocol);

    [LoggerMessage(LogEvents.Page, LogLevel.Information, "Draw a digit at {Page}, or try the API at {Swagger}")]
    public static partial void Page(ILogger logger, Uri page, Uri swagger);

    [LoggerMessage(LogEvents.DrainingStarted, LogLevel.Information,
        "Shutdown requested: no longer ready, but answering for another {Seconds} s")]
    public static partial void DrainingStarted(ILogger logger, double seconds);

    [LoggerMessage(LogEvents.Stopping, LogLevel.Information,
        "Accepting no more connections; finishing the requests in progress")]
    public static partial void Stopping(ILogger logger);

    [LoggerMessage(LogEvents.Stopped, LogLevel.Information, "Stopped; all in-flight requests completed or timed out")]
    public static partial void Stopped(ILogger logger);
}
