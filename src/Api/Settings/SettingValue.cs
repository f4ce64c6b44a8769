namespace MnistLstm.Api.Settings;

/// <summary>What a setting is set to.</summary>
/// <param name="Text">As it was written.</param>
/// <param name="Source">Where, as a sentence begins: <c>The option --workers</c>.</param>
public readonly record struct SettingValue(string Text, string Source);
