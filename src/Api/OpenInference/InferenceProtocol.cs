namespace MnistLstm.Api.OpenInference;

/// <summary>
/// Names of the Open Inference Protocol, version 2, over REST
/// (<see href="https://github.com/kserve/open-inference-protocol"/>), and of the extensions that Triton defined for it.
/// </summary>
public static class InferenceProtocol
{
    public const string Root = "/v2";

    /// <summary>How many bytes of a body are JSON; raw tensors follow them.</summary>
    public const string HeaderLength = "Inference-Header-Content-Length";

    public const string JsonType = "application/json";

    /// <summary>JSON and raw tensors behind it.</summary>
    public const string BinaryType = "application/octet-stream";

    /// <summary>32-bit floating point numbers; little-endian where they are raw.</summary>
    public const string Fp32 = "FP32";

    /// <summary>
    /// Byte strings. Raw, each is preceded by its length, four bytes little-endian; in JSON it is base64.
    /// </summary>
    public const string Bytes = "BYTES";
}
