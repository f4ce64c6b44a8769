namespace MnistLstm.Api.OpenInference;

/// <summary>
/// Names of the Open Inference Protocol, version 2, over REST
/// (<see href="https://github.com/kserve/open-inference-protocol"/>), and of the extensions that Triton defined for it.
/// </summary>
public static class InferenceProtocol
{
    public const string Root = "/v2";

    /// <summary>The length of the JSON in a body, in bytes. Raw tensors follow it.</summary>
    public const string JsonLengthHeader = "Inference-Header-Content-Length";

    /// <summary>32-bit floating point numbers, little-endian if they are raw.</summary>
    public const string Fp32 = "FP32";

    /// <summary>Byte strings: raw with a length before each, four bytes little-endian; in JSON as base64.</summary>
    public const string Bytes = "BYTES";
}
