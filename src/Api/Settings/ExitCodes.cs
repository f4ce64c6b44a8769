namespace MnistLstm.Api.Settings;

/// <summary>The exit codes of the process.</summary>
public static class ExitCodes
{
    public const int Success = 0;

    /// <summary>The health check found the service not ready or unreachable.</summary>
    public const int Unhealthy = 1;

    /// <summary>A setting, a model or an address is invalid; standard error has the explanation.</summary>
    public const int BadInput = 2;
}
