namespace MnistLstm.Api.Settings;

/// <summary>The exit codes of the process.</summary>
public static class ExitCodes
{
    public const int Success = 0;

    /// <summary>The health check found the service not ready, or did not reach it.</summary>
    public const int Unhealthy = 1;

    /// <summary>A setting, a model or the address cannot be used; standard error has the sentence.</summary>
    public const int BadInput = 2;
}
