namespace MnistLstm.Api.Settings;

/// <summary>A setting that is unknown or has a value that cannot be used.</summary>
/// <param name="message">One sentence for the operator that names the setting and what it takes.</param>
public sealed class InvalidSettingException(string message) : Exception(message);
