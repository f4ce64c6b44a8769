namespace MnistLstm.Api.OpenInference;

/// <summary>An output as a request asks for it.</summary>
/// <param name="Name">One of the model's.</param>
/// <param name="Binary">Raw behind the JSON; null: as the request says for all of them.</param>
/// <param name="TopClasses">The most probable so many, as text, instead of the tensor; null: the tensor.</param>
internal readonly record struct RequestedOutput(string Name, bool? Binary = null, int? TopClasses = null);
