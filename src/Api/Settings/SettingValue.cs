namespace MnistLstm.Api.Settings;

/// <summary>The value of a setting.</summary>
/// <param name="Text">The text as written.</param>
/// <param name="Source">The start of a sentence about it: <c>The option --workers</c>.</param>
public readonly record struct SettingValue(string Text, string Source);
