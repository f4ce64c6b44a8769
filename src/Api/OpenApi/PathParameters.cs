using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace MnistLstm.Api.OpenApi;

/// <summary>Describes the parameters of paths: names and versions of models.</summary>
internal static class PathParameters
{
    /// <summary>Adds those that no handler binds, which the framework leaves out.</summary>
    public static void AddUnbound(OpenApiOperation operation, OperationFilterContext context)
    {
        foreach (string name in RoutePatternFactory.Parse(context.ApiDescription.RelativePath!).Parameters
            .Select(parameter => parameter.Name)
            .Except(context.ApiDescription.ParameterDescriptions.Select(parameter => parameter.Name)))
        {
            var parameter = new OpenApiParameter
            {
                Name = name,
                In = ParameterLocation.Path,
                Required = true,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            };
            Describe(parameter);
            (operation.Parameters ??= []).Add(parameter);
        }
    }

    public static void Describe(OpenApiParameter parameter)
    {
        bool isVersion = parameter.Name == "version";
        parameter.Description = isVersion ? "Version of the model, from its card." : "Name of the model.";
        parameter.Example = Examples.Find("GetModel")![isVersion ? "version" : "name"]!.DeepClone();
    }
}
